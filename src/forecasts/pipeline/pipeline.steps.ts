import { CurateStep } from './curate.step.ts';
import { DeployStep } from './deploy.step.ts';
import { EvaluateStep } from './evaluate.step.ts';
import { FeaturesStep } from './features.step.ts';
import { GateStep } from './gate.step.ts';
import { IngestStep } from './ingest.step.ts';
import { RegisterStep } from './register.step.ts';
import { TrainStep } from './train.step.ts';
import { WriteForecastsStep } from './write-forecasts.step.ts';

/** Processors of the steps of a training, in their order. */
export const TRAINING_STEPS = [
  IngestStep,
  CurateStep,
  FeaturesStep,
  TrainStep,
  EvaluateStep,
  GateStep,
  RegisterStep,
  WriteForecastsStep,
  DeployStep,
];

import type { Budget } from '../../engine/index.ts';
import { defineWorkflow } from '../../platform/workflow/index.ts';
import type { GateVerdict } from '../registry/gate.ts';
import type { Bundle } from './bundles.ts';

/**
 * How a model comes to be: wait for what is being loaded, freeze the history, keep the features of it, fit, judge on the
 * days held out, pass the gate, register, write forecasts and let them be current. A failing gate ends the run there.
 */
export const TRAINING = defineWorkflow({
  name: 'training',
  steps: {
    ingest: { queue: 'training-ingest', after: [] },
    curate: { queue: 'training-curate', after: ['ingest'], weight: 4 },
    features: { queue: 'training-features', after: ['curate'], shards: 'from-parent', weight: 5 },
    train: { queue: 'model-training', after: ['features'], weight: 80 },
    evaluate: { queue: 'training-evaluate', after: ['train'], weight: 4 },
    gate: { queue: 'training-gate', after: ['evaluate'] },
    register: { queue: 'training-register', after: ['gate'] },
    write: { queue: 'forecast-writing', after: ['register'], shards: 'from-parent', weight: 6 },
    deploy: { queue: 'training-deploy', after: ['write'] },
  },
});

/** How a model that passes the gate comes into use; `none`: it is an experiment and does not. */
export const DEPLOYMENTS = ['immediate', 'canary', 'shadow', 'none'] as const;
export type Deployment = (typeof DEPLOYMENTS)[number];

/** What a run of {@link TRAINING} is started with. */
export interface TrainingInput extends Record<string, unknown> {
  readonly seed: number;
  readonly horizonDays: number;
  readonly holdOutDays: number;
  readonly budget: Budget;
  readonly deploy: Deployment;
}

type Output<T> = T & Record<string, unknown>;

/** The history as it stood when the run read it; all later steps and attempts see this. */
export type CuratedOutput = Output<{
  readonly panel: Bundle;
  readonly dataHash: string;
  readonly businessDate: string;
  readonly seriesCount: number;
  /** Signals that forecasts from it have to do without. */
  readonly degraded: readonly string[];
}>;

/** Features of a part of the training rows. */
export type FeaturesOutput = Output<{ readonly features: Bundle; readonly rows: number }>;

/** What the fit found. */
export type TrainedOutput = Output<{
  readonly version: string;
  readonly model: Bundle;
  readonly training: Bundle;
  readonly trainStart: string;
}>;

/** The candidate in the registry. */
export type EvaluatedOutput = Output<{ readonly modelId: number; readonly gate: GateVerdict; readonly sound: boolean }>;

/** What a run answers, passed or not. */
export type TrainingReport = Output<{
  readonly model_version: string;
  readonly promoted: boolean;
  readonly gate: GateVerdict;
  readonly run_id: string | null;
  readonly series_count: number;
  readonly business_date: string;
  readonly sufficiency: Readonly<Record<string, number>>;
}>;

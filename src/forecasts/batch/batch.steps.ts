import { CollectStep } from './collect.step.ts';
import { ForecastStep } from './forecast.step.ts';
import { MembersStep } from './members.step.ts';
import { PublishStep } from './publish.step.ts';
import { WriteStep } from './write.step.ts';

/** Processors of the steps of a batch, in their order. */
export const BATCH_STEPS = [CollectStep, MembersStep, ForecastStep, WriteStep, PublishStep];

import type { CalendarEvent, Panel, TrainingResult, TrainOptions } from '../engine/index.ts';

/** What the training thread is given; the arrays move to it. */
export interface FitInput {
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  readonly options: TrainOptions;
  /** Whether a neural network competes too. */
  readonly network: boolean;
}

/** What the training thread yields. */
export type FitOutput = Pick<TrainingResult, 'forecast' | 'evaluation' | 'facts' | 'weights' | 'leaderboard'>;

/** Every buffer of plain objects and typed arrays, each once, to be moved between threads without a copy. */
export function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (value && typeof value === 'object') for (const child of Object.values(value)) buffersIn(child, found);
  return [...found];
}

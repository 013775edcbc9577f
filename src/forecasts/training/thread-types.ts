import * as workerThreads from 'node:worker_threads';
import type {
  CalendarEvent,
  Forecast,
  ForecastOptions,
  ForecastPart,
  Panel,
  TrainingResult,
  TrainOptions,
} from '../../engine/index.ts';
import type { HoldOutScales } from './holdout-scales.ts';

/** What the training thread is given; the panel's arrays move to it. */
export interface TrainingInput {
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  readonly options: TrainOptions;
  /** Fits that an earlier attempt has done, by name. */
  readonly fitted?: ReadonlyMap<string, string>;
}

/** What the training thread yields. */
export interface TrainingOutput extends TrainingResult {
  /** Per series and per product total; null where no days were held out. */
  readonly scales: { readonly series: HoldOutScales; readonly products: HoldOutScales } | null;
}

/** What the forecasting thread is given. */
export interface ForecastingInput {
  readonly model: string;
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  readonly options: ForecastOptions;
}

export type ForecastingOutput = Forecast;

/** What the assembling thread is given: the history again, and what the members forecast for all of its series. */
export interface AssemblingInput extends ForecastingInput {
  readonly parts: readonly ForecastPart[];
}

/** From Node 21 on, buffers that must stay, such as the pool small ones are cut from, are refused; before, they were copied. */
const { isMarkedAsUntransferable: mustStay = () => false } = workerThreads as {
  readonly isMarkedAsUntransferable?: (buffer: ArrayBuffer) => boolean;
};

/**
 * Every buffer of a tree of plain objects and typed arrays, each once, to be moved between threads without a copy. Those
 * that must stay are left out, and so are copied: `v8.deserialize` puts small arrays into Node's shared pool.
 */
export function buffersOf(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && !mustStay(value.buffer)) found.add(value.buffer);
  } else if (value && typeof value === 'object') {
    for (const child of Object.values(value)) buffersOf(child, found);
  }
  return [...found];
}

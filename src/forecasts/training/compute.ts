import { availableParallelism } from 'node:os';
import { AppError } from '../../platform/http/index.ts';
import { runInThread, ThreadError, threadFile } from '../../platform/threads/index.ts';
import { buffersOf, ForecastingInput, ForecastingOutput, TrainingInput, TrainingOutput } from './thread-types.ts';

/** What a computation reports to and is stopped by. */
export interface ComputeHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (percent: number, message: string) => void;
  /** Told of each fit when it is done. */
  readonly onFitted?: (name: string, text: string) => void;
}

/** JavaScript heap of a computing thread: model text and bookkeeping; the panel's arrays stand outside it. */
const THREAD_HEAP_MEGABYTES = 2048;
/** More threads than this hardly make a fit quicker. */
const MOST_THREADS = 8;
/** What another attempt would meet again. */
const FINAL = new Set(['INVALID_INPUT', 'CORRUPT_MODEL']);

async function compute<I extends { readonly panel: unknown }, R>(name: string, input: I, hooks: ComputeHooks) {
  try {
    return await runInThread<I, R>(threadFile(import.meta.url, name), input, {
      signal: hooks.signal,
      onProgress: hooks.onProgress,
      onPart: hooks.onFitted,
      transfer: buffersOf(input.panel),
      maxHeapMegabytes: THREAD_HEAP_MEGABYTES,
    });
  } catch (error) {
    if (error instanceof ThreadError && FINAL.has(error.code)) throw new AppError(422, error.code, error.message);
    throw error;
  }
}

/** Trains in a thread. The panel's arrays move there and are empty afterwards. @throws AppError, ThreadError */
export function train(input: TrainingInput, hooks: ComputeHooks): Promise<TrainingOutput> {
  // More threads give the same model sooner.
  const threads = Math.min(MOST_THREADS, availableParallelism());
  return compute('training.thread', { ...input, options: { threads, ...input.options } }, hooks);
}

/** Forecasts with a stored model in a thread. The panel's arrays move there. @throws AppError, ThreadError */
export function forecast(input: ForecastingInput, hooks: ComputeHooks): Promise<ForecastingOutput> {
  return compute('forecasting.thread', input, hooks);
}

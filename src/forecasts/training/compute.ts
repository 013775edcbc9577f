import { availableParallelism } from 'node:os';
import type { ForecastPart } from '../../engine/index.ts';
import { AppError } from '../../platform/http/index.ts';
import { runInThread, ThreadError, threadFile } from '../../platform/threads/index.ts';
import {
  AssemblingInput,
  buffersOf,
  ForecastingInput,
  ForecastingOutput,
  TrainingInput,
  TrainingOutput,
} from './thread-types.ts';

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

/**
 * Computes on a panel in a thread. The panel's arrays move there and are empty afterwards.
 * @throws AppError where another attempt would meet the same, ThreadError
 */
export async function compute<I extends { readonly panel: unknown }, R>(
  thread: URL,
  input: I,
  hooks: ComputeHooks,
): Promise<R> {
  try {
    return await runInThread<I, R>(thread, input, {
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

/** Threads that share the fits of a computation: more give the same model sooner. */
export function fittingThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism());
}

/** Trains in a thread. The panel's arrays move there and are empty afterwards. @throws AppError, ThreadError */
export function train(input: TrainingInput, hooks: ComputeHooks): Promise<TrainingOutput> {
  return compute(
    threadFile(import.meta.url, 'training.thread'),
    { ...input, options: { threads: fittingThreads(), ...input.options } },
    hooks,
  );
}

/** Forecasts with a stored model in a thread. The panel's arrays move there. @throws AppError, ThreadError */
export function forecast(input: ForecastingInput, hooks: ComputeHooks): Promise<ForecastingOutput> {
  return compute(threadFile(import.meta.url, 'forecasting.thread'), input, hooks);
}

/** Forecasts the members of some series with a stored model in a thread, as {@link forecast}. @throws AppError, ThreadError */
export function forecastPart(input: ForecastingInput, hooks: ComputeHooks): Promise<ForecastPart> {
  return compute(threadFile(import.meta.url, 'part.thread'), input, hooks);
}

/** Puts the parts of a forecast together in a thread. @throws AppError, ThreadError */
export function assemble(input: AssemblingInput, hooks: ComputeHooks): Promise<ForecastingOutput> {
  return compute(threadFile(import.meta.url, 'assembling.thread'), input, hooks);
}

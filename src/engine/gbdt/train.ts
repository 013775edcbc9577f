import { CancelledError, InvalidInputError } from '../errors.ts';
import { binsByRow, encodeColumn, findBins } from './binning.ts';
import type { FeatureBins } from './binning.ts';
import { fitBoosters } from './fit.ts';
import type { FitHooks, FitJob } from './fit.ts';
import { ForestWriter } from './forest-writer.ts';
import { createTrainMemory } from './kernel/train-kernel.ts';
import type { TrainMemory } from './kernel/train-kernel.ts';
import { baseScore } from './objective.ts';
import { checkParams, hasLogLink } from './params.ts';
import { startTeam } from './threads/team.ts';
import { FAILED, layOut } from './training-memory.ts';
import type { TrainLayout, TrainShape } from './training-memory.ts';
import type { Booster, BoosterParams, FeatureColumns, FitProgress, BoosterOptions, ValidationSet } from './types.ts';

/** Most threads of a fit. */
const MOST_THREADS = 64;
/** Rows too few to be worth another thread. */
const ROWS_PER_THREAD = 8192;
/** Longest wait for the threads to come up, milliseconds: they take some tens, so that more means that they never do. */
const START_TIMEOUT = 3000;

/** Weights scaled to a mean of 1, so that `lambdaL2` means the same at any scale of weights; null when all are equal. */
function scaledWeights(weight: Float32Array | null): Float32Array | null {
  if (weight === null) return null;
  let sum = 0;
  let equal = true;
  for (let row = 0; row < weight.length; row++) {
    const w = weight[row];
    if (!(w >= 0 && Number.isFinite(w))) {
      throw new InvalidInputError(`weight[${row}] must be finite and not negative`);
    }
    sum += w;
    equal &&= w === weight[0];
  }
  if (!(sum > 0)) throw new InvalidInputError('weight must not be zero everywhere');
  if (equal) return null;
  const scale = weight.length / sum;
  return weight.map((w) => w * scale);
}

function checkTarget(target: Float32Array, rowCount: number, params: BoosterParams): void {
  if (rowCount < 1) throw new InvalidInputError('data must have at least one row');
  if (target.length !== rowCount) throw new InvalidInputError(`target must have ${rowCount} entries`);
  const lowest = hasLogLink(params.loss) ? 0 : -Infinity;
  for (let row = 0; row < rowCount; row++) {
    if (!Number.isFinite(target[row])) throw new InvalidInputError(`target[${row}] must be finite`);
    if (target[row] < lowest)
      throw new InvalidInputError(`target[${row}] must not be negative for ${params.loss.kind}`);
    if (params.loss.kind === 'binary' && !(target[row] >= 0 && target[row] <= 1))
      throw new InvalidInputError(`target[${row}] must be from 0 to 1 for binary`);
  }
}

/** Columns of the validation set in the order of the training set's. */
function validationColumns(data: FeatureColumns, { data: held, target, weight }: ValidationSet): Float32Array[] {
  if (target.length !== held.rowCount)
    throw new InvalidInputError(`validation.target must have ${held.rowCount} entries`);
  if (weight && weight.length !== held.rowCount)
    throw new InvalidInputError(`validation.weight must have ${held.rowCount} entries`);
  return data.names.map((name) => {
    const column = held.columns[held.names.indexOf(name)];
    if (column?.length !== held.rowCount)
      throw new InvalidInputError(`validation.data must have ${held.rowCount} entries of ${name}`);
    return column;
  });
}

/** Writes bins, targets and weights into the memory; returns which features can be cut. */
function fill(
  memory: TrainMemory,
  layout: TrainLayout,
  data: FeatureColumns,
  bins: readonly FeatureBins[],
  target: Float32Array,
  weights: Float32Array | null,
  validation: ValidationSet | undefined,
): Int32Array {
  const { rowCount, allRows, stride, featureCount } = layout;
  const columnMajor = new Uint8Array(memory.buffer, layout.columnMajor, featureCount * allRows);
  const held = validation === undefined ? null : validationColumns(data, validation);
  const usable: number[] = [];
  bins.forEach((featureBins, f) => {
    const own = columnMajor.subarray(f * allRows, f * allRows + rowCount);
    encodeColumn(data.columns[f], featureBins, own);
    if (held !== null)
      encodeColumn(held[f], featureBins, columnMajor.subarray(f * allRows + rowCount, (f + 1) * allRows));
    // A feature with one bin can only be cut between present and missing.
    if (featureBins.count > 1 || (featureBins.count === 1 && own.includes(0))) usable.push(f);
  });
  binsByRow(columnMajor, allRows, stride, new Uint8Array(memory.buffer, layout.rowMajor, stride * allRows));
  const targets = new Float32Array(memory.buffer, layout.targets, allRows);
  targets.set(target);
  if (validation !== undefined) targets.set(validation.target, rowCount);
  if (layout.weights > 0) {
    const cells = new Float32Array(memory.buffer, layout.weights, allRows).fill(1);
    if (weights !== null) cells.set(weights);
    if (validation?.weight) cells.set(validation.weight, rowCount);
  }
  return Int32Array.from(usable);
}

/** Waits until all other threads are up; false when one failed, which it says in the shared memory, or takes too long. */
function isComplete(control: Int32Array, others: number): boolean {
  for (let ready = 0; ready < others; ready = Atomics.load(control, 3)) {
    if (Atomics.load(control, 2) === FAILED) return false;
    if (Atomics.wait(control, 3, ready, START_TIMEOUT) === 'timed-out') return false;
  }
  return Atomics.load(control, 2) !== FAILED;
}

/** Fits in several threads. Where they do not come up the caller does it alone: slower, but to the same result. */
function inTeam(
  memory: TrainMemory,
  layout: TrainLayout,
  jobs: readonly FitJob[],
  hooks: FitHooks,
  file: URL | undefined,
): boolean {
  if (layout.threads === 1) return fitBoosters(memory, layout, 0, jobs, hooks);
  const stop = startTeam(memory, layout, jobs, file);
  const control = new Int32Array(memory.buffer, layout.control, 4);
  try {
    if (isComplete(control, layout.threads - 1)) return fitBoosters(memory, layout, 0, jobs, hooks);
    // Those that are up wait at the first barrier and have written nothing; this ends them, and any that come late.
    Atomics.store(control, 2, FAILED);
    Atomics.notify(control, 1);
    stop();
    return fitBoosters(memory, { ...layout, threads: 1 }, 0, jobs, hooks);
  } catch (error) {
    stop();
    throw error;
  }
}

function monotoneOf(names: readonly string[], params: BoosterParams): Int8Array | null {
  const wanted = Object.entries(params.monotone ?? {});
  if (wanted.length === 0) return null;
  const directions = new Int8Array(names.length);
  for (const [name, direction] of wanted) directions[indexOf(names, name, 'monotone')] = direction;
  return directions;
}

function indexOf(names: readonly string[], name: string, setting: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new InvalidInputError(`${setting} names ${name}, which is not in data`);
  return index;
}

/** What must agree between boosters fitted together, for they share the bins. */
function checkTogether(params: readonly BoosterParams[]): void {
  const categories = (p: BoosterParams): string => JSON.stringify([...(p.categorical ?? [])].sort());
  for (const p of params) {
    if (p.maxBins !== params[0].maxBins)
      throw new InvalidInputError('maxBins must be the same for boosters fitted together');
    if (categories(p) !== categories(params[0]))
      throw new InvalidInputError('categorical must be the same for boosters fitted together');
  }
}

/**
 * Fits several losses on the same rows, binning them once. Each booster is the same, to the bit, as one fitted alone,
 * by any number of threads and with or without WebAssembly. Blocks the caller until it is done.
 * @param data features by column; NaN and infinities are missing
 * @param target one finite value a row, not negative for Poisson and Tweedie, from 0 to 1 for binary
 * @param weight one value a row, not negative, any scale; null = all equal
 * @param options threads, validation set and so on; a function is taken for `onProgress`, which counts trees over all
 * boosters
 * @throws InvalidInputError naming the argument at fault; CancelledError when `onProgress` returns false
 */
export function trainBoosters(
  data: FeatureColumns,
  target: Float32Array,
  weight: Float32Array | null,
  params: readonly BoosterParams[],
  options: BoosterOptions | FitProgress = {},
): Booster[] {
  const {
    onProgress,
    validation,
    plain = false,
    threads = 1,
    threadFile,
  }: BoosterOptions = typeof options === 'function' ? { onProgress: options } : options;
  for (const p of params) {
    checkParams(p);
    checkTarget(target, data.rowCount, p);
    if (validation !== undefined) checkTarget(validation.target, validation.data.rowCount, p);
  }
  checkTogether(params);
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS))
    throw new InvalidInputError(`threads must be a whole number from 1 to ${MOST_THREADS}`);
  if (weight !== null && weight.length !== data.rowCount) {
    throw new InvalidInputError(`weight must have ${data.rowCount} entries`);
  }
  if (params.length === 0) return [];
  const weights = scaledWeights(weight);
  const categorical = new Set(params[0].categorical ?? []);
  for (const name of categorical) indexOf(data.names, name, 'categorical');
  const bins = findBins(data, params[0].maxBins, categorical, target);
  const slotStart = new Int32Array(bins.length + 1);
  bins.forEach(({ count }, f) => (slotStart[f + 1] = slotStart[f] + count + 1));
  const shape: TrainShape = {
    rowCount: data.rowCount,
    allRows: data.rowCount + (validation?.data.rowCount ?? 0),
    slotStart,
    threads: Math.max(1, Math.min(threads, Math.floor(data.rowCount / ROWS_PER_THREAD))),
    maxLeaves: Math.max(...params.map(({ maxLeaves }) => maxLeaves)),
    weighted: weights !== null || Boolean(validation?.weight),
  };
  const layout = layOut(shape);
  const memory = createTrainMemory(layout.bytes, plain);
  const usable = fill(memory, layout, data, bins, target, weights, validation);
  const isCategory = Uint8Array.from(bins, ({ categories }) => (categories === null ? 0 : 1));
  const jobs = params.map((p): FitJob => ({
    params: p,
    baseScore: baseScore(p.loss, target, weights),
    usable,
    isCategory,
    monotone: monotoneOf(data.names, p),
  }));
  return runJobs(memory, layout, jobs, data.names, bins, onProgress, threadFile);
}

function runJobs(
  memory: TrainMemory,
  layout: TrainLayout,
  jobs: readonly FitJob[],
  names: readonly string[],
  bins: readonly FeatureBins[],
  onProgress: FitProgress | undefined,
  threadFile: URL | undefined,
): Booster[] {
  const total = jobs.reduce((sum, { params }) => sum + params.trees, 0);
  const writers = jobs.map(({ params }) => new ForestWriter(bins, params.trees, params.maxLeaves));
  const boosters: Booster[] = [];
  let done = 0;
  let planned = 0;
  const finished = inTeam(
    memory,
    layout,
    jobs,
    {
      beforeTree: () => onProgress === undefined || onProgress(done, total),
      afterTree(job, tree, leafValues) {
        writers[job].add(tree, leafValues);
        done++;
      },
      finish(job, trees) {
        const { params, baseScore: start } = jobs[job];
        planned += params.trees;
        done = planned;
        const kept = trees === params.trees ? params : { ...params, trees };
        boosters.push({ params: kept, featureNames: [...names], baseScore: start, forest: writers[job].finish(trees) });
      },
    },
    threadFile,
  );
  if (!finished) throw new CancelledError('The fit was stopped');
  onProgress?.(total, total);
  return boosters;
}

/** Fits one loss; see {@link trainBoosters}. */
export function trainBooster(
  data: FeatureColumns,
  target: Float32Array,
  weight: Float32Array | null,
  params: BoosterParams,
  options: BoosterOptions | FitProgress = {},
): Booster {
  return trainBoosters(data, target, weight, [params], options)[0];
}

import { createRng } from '../rng.ts';
import type { Rng } from '../rng.ts';
import { createTrainKernel } from './kernel/train-kernel.ts';
import type { TrainMemory } from './kernel/train-kernel.ts';
import { kernelLoss, leafStep, rowLoss } from './objective.ts';
import { hasLogLink } from './params.ts';
import { quantileLeaves } from './leaf-quantiles.ts';
import type { SplitRules } from './split-rules.ts';
import { TreeGrower } from './tree-grower.ts';
import type { Shard } from './shard.ts';
import type { GrownTree, Segments } from './tree-grower.ts';
import { BLOCK_ROWS, createBarrier } from './training-memory.ts';
import type { TrainLayout } from './training-memory.ts';
import type { BoosterParams } from './types.ts';

const { abs, fround, imul, max, min, round } = Math;

/** One booster to be fitted; plain data. */
export interface FitJob {
  readonly params: BoosterParams;
  readonly baseScore: number;
  /** Features that can be cut, ascending. */
  readonly usable: Int32Array;
  /** Per feature 1 when it holds categories. */
  readonly isCategory: Uint8Array;
  readonly monotone: Int8Array | null;
}

/** What the caller's own thread does besides. */
export interface FitHooks {
  /** Before each tree; false ends everything. */
  beforeTree(job: number): boolean;
  afterTree(job: number, tree: GrownTree, leafValues: Float64Array): void;
  /** How many trees of a job to keep. */
  finish(job: number, trees: number): void;
}

/** Largest sums that fit a slot, with a unit a row left for the dither. */
const GRADIENT_ROOM = 2 ** 31;
const HESSIAN_ROOM = 2 ** 32;
const GREATEST_GRADIENT = 32_700;
const GREATEST_HESSIAN = 65_400;
/** Scales stay within float32. */
const GREATEST_SCALE = 1e38;

/** Greatest scale at which neither one row nor all of them together overflow. */
function scaleFor(greatest: number, sum: number, unit: number, room: number): number {
  if (!(greatest > 0)) return 1;
  return fround(min(GREATEST_SCALE, unit / greatest, room / sum));
}

function* blocks(shard: Shard, from: number, to: number): Generator<[number, number, number]> {
  const { layout, thread } = shard;
  for (let block = thread; block * BLOCK_ROWS < to; block += layout.threads) {
    const begin = max(from, block * BLOCK_ROWS);
    const end = min(to, (block + 1) * BLOCK_ROWS);
    if (begin < end) yield [block, begin, end];
  }
}

/** Works out the derivatives of the thread's rows, and by those of all rows the scales that make whole units of them. */
function derive(shard: Shard, job: FitJob, hasHessian: boolean): { scaleG: number; scaleH: number } {
  const { layout, kernel, buffer } = shard;
  const { rowCount, gradients, hessians } = layout;
  const { kind, parameter } = kernelLoss(job.params.loss);
  for (const [block, begin, end] of blocks(shard, 0, rowCount)) {
    const statistics = layout.blockStatistics + 32 * block;
    const { scores, targets, weights } = layout;
    kernel.derivatives(kind, parameter, begin, end, scores, targets, weights, gradients, hessians, statistics);
  }
  shard.barrier();
  const blockCount = Math.ceil(rowCount / BLOCK_ROWS);
  const statistics = new Float64Array(buffer, layout.blockStatistics, 4 * blockCount);
  let [greatestG, sumG, greatestH, sumH] = [0, 0, 0, 0];
  for (let block = 0; block < blockCount; block++) {
    greatestG = max(greatestG, statistics[4 * block]);
    sumG += statistics[4 * block + 1];
    greatestH = max(greatestH, statistics[4 * block + 2]);
    sumH += statistics[4 * block + 3];
  }
  const scaleG = scaleFor(greatestG, sumG, GREATEST_GRADIENT, GRADIENT_ROOM - 2 * rowCount);
  const scaleH = hasHessian ? scaleFor(greatestH, sumH, GREATEST_HESSIAN, HESSIAN_ROOM - 2 * rowCount) : 0;
  return { scaleG, scaleH };
}

/** Draws exactly `count` of `total` numbers in ascending order (Knuth's selection sampling). */
function sampleAscending(out: Int32Array, total: number, rng: Rng): void {
  const count = out.length;
  let taken = 0;
  for (let i = 0; taken < count; i++) if (rng() * (total - i) < count - taken) out[taken++] = i;
}

/** Mean loss on the validation rows. Blocks are summed in their order, whoever computed them. */
function validationLoss(shard: Shard, job: FitJob): number {
  const { layout, buffer, barrier } = shard;
  const { rowCount, allRows } = layout;
  const scores = new Float64Array(buffer, layout.scores, allRows);
  const targets = new Float32Array(buffer, layout.targets, allRows);
  const weights = layout.weights === 0 ? null : new Float32Array(buffer, layout.weights, allRows);
  const sums = new Float64Array(buffer, layout.blockStatistics, 4 * Math.ceil(allRows / BLOCK_ROWS));
  barrier();
  for (const [block, begin, end] of blocks(shard, rowCount, allRows)) {
    let sum = 0;
    let weightSum = 0;
    for (let row = begin; row < end; row++) {
      const w = weights === null ? 1 : weights[row];
      sum += w * rowLoss(job.params.loss, scores[row], targets[row]);
      weightSum += w;
    }
    sums[4 * block] = sum;
    sums[4 * block + 1] = weightSum;
  }
  barrier();
  let sum = 0;
  let weightSum = 0;
  for (let block = Math.floor(rowCount / BLOCK_ROWS); block * BLOCK_ROWS < allRows; block++) {
    sum += sums[4 * block];
    weightSum += sums[4 * block + 1];
  }
  barrier();
  return sum / weightSum;
}

/** Fits one booster; returns false when told to stop. */
function fitOne(shard: Shard, job: FitJob, number: number, hooks: FitHooks | null): boolean {
  const { layout, kernel, buffer } = shard;
  const { params, usable } = job;
  const { loss } = params;
  const control = new Int32Array(buffer, layout.control, 4);
  const rng = createRng(params.seed);
  const grower = new TreeGrower(shard, params.maxLeaves, params.maxDepth ?? 0, job.isCategory);
  const tried = new Int32Array(usable.length === 0 ? 0 : max(1, round(usable.length * params.featureFraction)));
  const values = new Float64Array(buffer, layout.leafValues, params.maxLeaves);
  const scores = new Float64Array(buffer, layout.scores, layout.allRows);
  for (const [, begin, end] of blocks(shard, 0, layout.allRows)) scores.fill(job.baseScore, begin, end);
  const hasHessian = hasLogLink(loss) || loss.kind === 'binary' || layout.weights !== 0;
  const patience = layout.allRows > layout.rowCount ? (params.earlyStoppingRounds ?? 0) : 0;
  let bestLoss = patience > 0 ? validationLoss(shard, job) : 0;
  let bestTrees = patience > 0 ? 1 : params.trees;
  const move = ({ begin, end }: Segments, leaf: number, value: number): void =>
    kernel.addToScores(layout.scores, 8 * (grower.firstRow + begin[leaf]), end[leaf] - begin[leaf], value);
  for (let t = 0; t < params.trees; t++) {
    if (hooks !== null && !hooks.beforeTree(number)) Atomics.store(control, 2, 1);
    const seed = imul(params.seed + 1, 0x9e3779b1) ^ imul(t + 1, 0x85ebca6b);
    const { scaleG, scaleH } = derive(shard, job, hasHessian);
    if (Atomics.load(control, 2) === 1) return false;
    const units = { gradientUnit: 1 / scaleG, hessianUnit: hasHessian ? 1 / scaleH : 1, hasHessian };
    grower.deal(params.rowFraction, seed, (begin, end, packed) =>
      kernel.quantise(begin, end, layout.gradients, layout.hessians, packed, scaleG, scaleH, seed),
    );
    sampleAscending(tried, usable.length, rng);
    const rules: SplitRules = {
      ...units,
      minRows: params.minRowsPerLeaf,
      minHessian: params.minHessianPerLeaf ?? 0,
      minGain: params.minGain ?? 0,
      lambdaL1: params.lambdaL1 ?? 0,
      lambdaL2: params.lambdaL2,
      categorySmoothing: params.categorySmoothing ?? 10,
      monotone: job.monotone,
    };
    const tree = grower.grow(
      tried.map((j) => usable[j]),
      rules,
    );
    if (loss.kind === 'pinball') quantileLeaves(shard, tree, loss.quantile, values);
    const steps = new Float64Array(tree.leafCount);
    for (let k = 0; k < tree.leafCount; k++) {
      const { gradient, hessian, lower, upper } = tree.leaves[k];
      const step =
        loss.kind === 'pinball'
          ? values[k]
          : leafStep(
              loss,
              gradient * units.gradientUnit,
              hessian * units.hessianUnit,
              params.lambdaL2,
              params.lambdaL1,
            );
      steps[k] = max(lower, min(upper, step)) * params.learningRate;
    }
    for (let k = 0; k < tree.leafCount; k++) {
      move(grower.learning, k, steps[k]);
      move(grower.following, k, steps[k]);
    }
    hooks?.afterTree(number, tree, steps);
    if (patience === 0) continue;
    const lossNow = validationLoss(shard, job);
    if (lossNow < bestLoss - abs(bestLoss) * 1e-12) {
      bestLoss = lossNow;
      bestTrees = t + 1;
    } else if (t + 1 - bestTrees >= patience) break;
  }
  hooks?.finish(number, bestTrees);
  return true;
}

/**
 * Takes part in fitting boosters as one of the threads that share a memory.
 * @param hooks for the thread that keeps the result, null for the others
 * @returns false when the fit was stopped
 */
export function fitBoosters(
  memory: TrainMemory,
  layout: TrainLayout,
  thread: number,
  jobs: readonly FitJob[],
  hooks: FitHooks | null,
): boolean {
  const barrier = createBarrier(memory.buffer, layout);
  const shard: Shard = { thread, buffer: memory.buffer, layout, kernel: createTrainKernel(memory), barrier };
  for (const [number, job] of jobs.entries()) {
    barrier();
    if (!fitOne(shard, job, number, hooks)) return false;
  }
  return true;
}

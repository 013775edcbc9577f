import { CancelledError, InvalidInputError } from '../errors.ts';
import { createRng } from '../rng.ts';
import type { Rng } from '../rng.ts';
import { binFeatures } from './binning.ts';
import type { BinnedMatrix } from './binning.ts';
import { ForestWriter } from './forest-writer.ts';
import { baseScore, derivatives, leafStep, residualQuantile } from './objective.ts';
import { checkParams, hasLogLink } from './params.ts';
import type { SplitRules } from './split.ts';
import { TreeGrower } from './tree-grower.ts';
import type { GrownTree } from './tree-grower.ts';
import type { Booster, BoosterParams, FeatureColumns, FitProgress } from './types.ts';

/** Bound once: in a sandboxed context every look-up of a global is slow, and these run once a bin or row. */
const { abs, round } = Math;

/** Packed sums stay below this, one bit short of where doubles stop holding every whole number. */
const EXACT_RANGE = 2 ** 52;

/** Weights scaled to a mean of 1, so that `lambdaL2` means the same at any scale of weights; null when all are equal. */
function scaledWeights(weight: Float32Array | null): Float64Array | null {
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
  return Float64Array.from(weight, (w) => w * scale);
}

function checkTarget(target: Float32Array, rowCount: number, params: BoosterParams): void {
  if (rowCount < 1) throw new InvalidInputError('data must have at least one row');
  if (target.length !== rowCount) throw new InvalidInputError(`target must have ${rowCount} entries`);
  const lowest = hasLogLink(params.loss) ? 0 : -Infinity;
  for (let row = 0; row < rowCount; row++) {
    if (!Number.isFinite(target[row])) throw new InvalidInputError(`target[${row}] must be finite`);
    if (target[row] < lowest)
      throw new InvalidInputError(`target[${row}] must not be negative for ${params.loss.kind}`);
  }
}

/** Draws exactly `count` of `total` numbers in ascending order (Knuth's selection sampling). */
function sampleAscending(out: Int32Array, count: number, total: number, rng: Rng): void {
  if (count === total) {
    for (let i = 0; i < total; i++) out[i] = i;
    return;
  }
  let taken = 0;
  for (let i = 0; taken < count; i++) if (rng() * (total - i) < count - taken) out[taken++] = i;
}

/** A feature with one bin can only be cut between present and missing. */
function usableFeatures(matrix: BinnedMatrix): Int32Array {
  const usable: number[] = [];
  for (let f = 0; f < matrix.featureCount; f++) {
    if (matrix.borders[f].length > 1 || matrix.hasMissing[f] === 1) usable.push(f);
  }
  return Int32Array.from(usable);
}

/**
 * Turns derivatives into whole numbers whose sums are exact: `packed[row] = gradient units * countRange + 1` and
 * hessian units in place. Units are as fine as the exact range of doubles allows.
 */
function quantise(
  gradient: Float64Array,
  hessian: Float64Array,
  hasHessian: boolean,
  packed: Float64Array,
): Pick<SplitRules, 'gradientUnit' | 'hessianUnit' | 'countRange' | 'hasHessian'> {
  const n = gradient.length;
  const countRange = 2 ** Math.ceil(Math.log2(n + 1));
  let gradientSum = 0;
  let hessianSum = 0;
  for (let row = 0; row < n; row++) {
    gradientSum += abs(gradient[row]);
    hessianSum += hessian[row];
  }
  // Rounding adds at most half a unit a row, hence the room for n.
  const gradientScale = gradientSum > 0 ? (EXACT_RANGE / countRange - n) / gradientSum : 1;
  const hessianScale = hessianSum > 0 ? (EXACT_RANGE - n) / hessianSum : 1;
  for (let row = 0; row < n; row++) packed[row] = round(gradient[row] * gradientScale) * countRange + 1;
  if (hasHessian) for (let row = 0; row < n; row++) hessian[row] = round(hessian[row] * hessianScale);
  return { gradientUnit: 1 / gradientScale, hessianUnit: 1 / hessianScale, countRange, hasHessian };
}

/** Fits one loss on a matrix that is already binned. `beforeTree` may throw to stop the fit. */
function fit(
  matrix: BinnedMatrix,
  target: Float32Array,
  weight: Float64Array | null,
  params: BoosterParams,
  beforeTree: (tree: number) => void,
): Booster {
  const { loss, learningRate } = params;
  const n = matrix.rowCount;
  const rng = createRng(params.seed);
  const start = baseScore(loss, target, weight);
  const score = new Float64Array(n).fill(start);
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n);
  const packed = new Float64Array(n);
  const sampled = Math.max(1, round(n * params.rowFraction));
  const isSampled = sampled < n ? new Uint8Array(n) : null;
  const usable = usableFeatures(matrix);
  const tried = new Int32Array(usable.length === 0 ? 0 : Math.max(1, round(usable.length * params.featureFraction)));
  const grower = new TreeGrower(matrix, params);
  const writer = new ForestWriter(matrix, params.trees, params.maxLeaves);
  const leafValues = new Float64Array(params.maxLeaves);
  const nodeValues = new Float64Array(2 * params.maxLeaves - 1);
  const residuals = new Float64Array(loss.kind === 'pinball' ? n : 0);
  const residualWeights = new Float64Array(loss.kind === 'pinball' && weight !== null ? n : 0);
  const hasHessian = hasLogLink(loss) || weight !== null;

  const fillLeafValues = (tree: GrownTree): void => {
    for (let k = 0; k < tree.leafCount; k++) {
      const step =
        loss.kind === 'pinball'
          ? residualQuantile(
              loss.quantile,
              grower.rows,
              tree.leafBegin[k],
              tree.leafEnd[k],
              score,
              target,
              weight,
              residuals,
              residualWeights,
            )
          : leafStep(loss, tree.leafGradient[k], tree.leafHessian[k], params.lambdaL2);
      leafValues[k] = step * learningRate;
      nodeValues[tree.leafNode[k]] = leafValues[k];
    }
  };

  for (let t = 0; t < params.trees; t++) {
    beforeTree(t);
    derivatives(loss, score, target, weight, gradient, hessian);
    const units = quantise(gradient, hessian, hasHessian, packed);
    sampleAscending(grower.rows, sampled, n, rng);
    if (isSampled !== null) {
      isSampled.fill(0);
      for (let i = 0; i < sampled; i++) isSampled[grower.rows[i]] = 1;
    }
    sampleAscending(tried, tried.length, usable.length, rng);
    for (let j = 0; j < tried.length; j++) tried[j] = usable[tried[j]];
    const rules = { ...units, minRows: params.minRowsPerLeaf, lambda: params.lambdaL2 };
    const tree = grower.grow(sampled, tried, packed, hessian, rules);
    fillLeafValues(tree);
    for (let k = 0; k < tree.leafCount; k++) {
      for (let i = tree.leafBegin[k]; i < tree.leafEnd[k]; i++) score[grower.rows[i]] += leafValues[k];
    }
    if (isSampled !== null) {
      for (let row = 0; row < n; row++) if (isSampled[row] === 0) score[row] += nodeValues[grower.leafOf(row)];
    }
    writer.add(tree, leafValues);
  }
  return { params, featureNames: [...matrix.names], baseScore: start, forest: writer.finish() };
}

/**
 * Fits several losses on the same rows, binning them once. Each booster is the same, to the bit, as one fitted alone.
 * @param data features by column; NaN and infinities are missing
 * @param target one finite value a row, not negative for Poisson and Tweedie
 * @param weight one value a row, not negative, any scale; null = all equal
 * @param onProgress counts trees over all boosters
 * @throws InvalidInputError naming the argument at fault; CancelledError when `onProgress` returns false
 */
export function trainBoosters(
  data: FeatureColumns,
  target: Float32Array,
  weight: Float32Array | null,
  params: readonly BoosterParams[],
  onProgress?: FitProgress,
): Booster[] {
  for (const p of params) {
    checkParams(p);
    checkTarget(target, data.rowCount, p);
    if (p.maxBins !== params[0].maxBins) {
      throw new InvalidInputError('maxBins must be the same for boosters fitted together');
    }
  }
  if (weight !== null && weight.length !== data.rowCount) {
    throw new InvalidInputError(`weight must have ${data.rowCount} entries`);
  }
  if (params.length === 0) return [];
  const weights = scaledWeights(weight);
  const matrix = binFeatures(data, params[0].maxBins);
  const total = params.reduce((sum, p) => sum + p.trees, 0);
  let done = 0;
  const beforeTree = (): void => {
    if (onProgress !== undefined && !onProgress(done, total)) throw new CancelledError('The fit was stopped');
    done++;
  };
  const boosters = params.map((p) => fit(matrix, target, weights, p, beforeTree));
  onProgress?.(total, total);
  return boosters;
}

/** Fits one loss; see {@link trainBoosters}. */
export function trainBooster(
  data: FeatureColumns,
  target: Float32Array,
  weight: Float32Array | null,
  params: BoosterParams,
  onProgress?: FitProgress,
): Booster {
  return trainBoosters(data, target, weight, [params], onProgress)[0];
}

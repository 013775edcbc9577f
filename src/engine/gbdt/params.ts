import { InvalidInputError } from '../errors.ts';
import type { BoosterParams, Loss } from './types.ts';

/** A small, quick model that already saturates on retail demand: 75 trees of 31 leaves. */
export const DEFAULT_BOOSTER_PARAMS: BoosterParams = {
  loss: { kind: 'squared' },
  trees: 75,
  learningRate: 0.1,
  maxLeaves: 31,
  minRowsPerLeaf: 20,
  lambdaL2: 1,
  featureFraction: 1,
  rowFraction: 1,
  maxBins: 127,
  seed: 1,
};

/** Highest number of bins that leaves one byte value for the missing bin. */
export const MAX_BINS = 255;

/** True where the score is the logarithm of the prediction. */
export function hasLogLink(loss: Loss): boolean {
  return loss.kind === 'poisson' || loss.kind === 'tweedie';
}

/** What turns a score into a prediction: nothing, exp, or the logistic function. */
export function linkOf(loss: Loss): 'identity' | 'log' | 'logit' {
  if (loss.kind === 'binary') return 'logit';
  return hasLogLink(loss) ? 'log' : 'identity';
}

function requireThat(condition: boolean, message: string): void {
  if (!condition) throw new InvalidInputError(message);
}

/** @throws InvalidInputError that names the first setting out of range */
export function checkParams(params: BoosterParams): void {
  const { loss } = params;
  requireThat(Number.isInteger(params.trees) && params.trees >= 1, 'trees must be a whole number of at least 1');
  requireThat(params.learningRate > 0 && params.learningRate <= 1, 'learningRate must be in (0, 1]');
  requireThat(
    Number.isInteger(params.maxLeaves) && params.maxLeaves >= 2 && params.maxLeaves <= 65_536,
    'maxLeaves must be a whole number from 2 to 65536',
  );
  requireThat(
    Number.isInteger(params.minRowsPerLeaf) && params.minRowsPerLeaf >= 1,
    'minRowsPerLeaf must be a whole number of at least 1',
  );
  requireThat(Number.isFinite(params.lambdaL2) && params.lambdaL2 >= 0, 'lambdaL2 must be finite and not negative');
  requireThat(params.featureFraction > 0 && params.featureFraction <= 1, 'featureFraction must be in (0, 1]');
  requireThat(params.rowFraction > 0 && params.rowFraction <= 1, 'rowFraction must be in (0, 1]');
  requireThat(
    Number.isInteger(params.maxBins) && params.maxBins >= 2 && params.maxBins <= MAX_BINS,
    `maxBins must be a whole number from 2 to ${MAX_BINS}`,
  );
  requireThat(Number.isInteger(params.seed), 'seed must be a whole number');
  requireThat(
    ['squared', 'poisson', 'tweedie', 'pinball', 'binary'].includes(loss.kind),
    'loss must be squared, poisson, tweedie, pinball or binary',
  );
  if (loss.kind === 'tweedie') requireThat(loss.power > 1 && loss.power < 2, 'loss.power must be between 1 and 2');
  if (loss.kind === 'pinball') {
    requireThat(loss.quantile > 0 && loss.quantile < 1, 'loss.quantile must be between 0 and 1');
  }
  for (const name of ['lambdaL1', 'minHessianPerLeaf', 'minGain', 'categorySmoothing'] as const) {
    const value = params[name] ?? 0;
    requireThat(Number.isFinite(value) && value >= 0, `${name} must be finite and not negative`);
  }
  for (const name of ['maxDepth', 'earlyStoppingRounds'] as const) {
    const value = params[name] ?? 0;
    requireThat(Number.isInteger(value) && value >= 0, `${name} must be a whole number of at least 0`);
  }
  for (const [feature, direction] of Object.entries(params.monotone ?? {})) {
    requireThat(direction === 1 || direction === -1, `monotone.${feature} must be 1 or -1`);
    requireThat(loss.kind !== 'pinball', 'monotone cannot be had with pinball: its leaves are quantiles, not steps');
    requireThat(!(params.categorical ?? []).includes(feature), `monotone.${feature} must not be categorical`);
  }
}

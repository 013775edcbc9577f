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
    ['squared', 'poisson', 'tweedie', 'pinball'].includes(loss.kind),
    'loss must be squared, poisson, tweedie or pinball',
  );
  if (loss.kind === 'tweedie') requireThat(loss.power > 1 && loss.power < 2, 'loss.power must be between 1 and 2');
  if (loss.kind === 'pinball') {
    requireThat(loss.quantile > 0 && loss.quantile < 1, 'loss.quantile must be between 0 and 1');
  }
}

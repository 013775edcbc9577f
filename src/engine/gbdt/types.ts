/** What a booster minimises. Log-link losses (Poisson, Tweedie) predict on the response scale. */
export type Loss =
  | { readonly kind: 'squared' }
  | { readonly kind: 'poisson' }
  | { readonly kind: 'tweedie'; readonly power: number }
  | { readonly kind: 'pinball'; readonly quantile: number };

/** Settings of one booster; see {@link DEFAULT_BOOSTER_PARAMS} for the defaults. */
export interface BoosterParams {
  readonly loss: Loss;
  readonly trees: number;
  readonly learningRate: number;
  readonly maxLeaves: number;
  readonly minRowsPerLeaf: number;
  readonly lambdaL2: number;
  /** Share of the features tried in each tree, 0..1. */
  readonly featureFraction: number;
  /** Share of the rows used by each tree, 0..1. */
  readonly rowFraction: number;
  /** Bins per feature, at most 255; one more holds the missing values. */
  readonly maxBins: number;
  readonly seed: number;
}

/** Columns of a design matrix: one `Float32Array` per feature, all of `rowCount` entries, NaN = missing. */
export interface FeatureColumns {
  readonly names: readonly string[];
  readonly columns: readonly Float32Array[];
  readonly rowCount: number;
}

/** Called between trees: `done` of `total`; return false to stop the fit with a CancelledError. */
export type FitProgress = (done: number, total: number) => boolean;

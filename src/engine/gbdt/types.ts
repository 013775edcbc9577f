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

/**
 * All trees of a booster as parallel arrays over nodes. Tree `t` owns the nodes `treeStart[t]` (its root) up to, not
 * including, `treeStart[t + 1]`; children always come after their parent.
 */
export interface Forest {
  /** `trees + 1` entries. */
  readonly treeStart: Int32Array;
  /** Feature index of a split, -1 for a leaf. */
  readonly feature: Int32Array;
  /** A value goes left when it is less than or equal to this. 0 for a leaf. */
  readonly threshold: Float32Array;
  /** 1 when a missing value goes left. */
  readonly missingLeft: Uint8Array;
  /** Node index of the left child, -1 for a leaf. */
  readonly left: Int32Array;
  /** Node index of the right child, -1 for a leaf. */
  readonly right: Int32Array;
  /** What a leaf adds to the score, learning rate included; 0 for a split. */
  readonly value: Float64Array;
  /** Training rows that reached the node (rows sampled for its tree). */
  readonly cover: Float64Array;
  /** Loss reduction of a split, 0 for a leaf. */
  readonly gain: Float64Array;
  /**
   * -1 where a split compares with its threshold; for a split by category the place in `categoryBits` of its set: the
   * number of 32-bit words there, then the words. A value goes left when its bit is set; one without a bit goes right.
   */
  readonly categoryAt: Int32Array;
  readonly categoryBits: Uint32Array;
}

/** A fitted booster: plain data, safe to send to another thread. */
export interface Booster {
  readonly params: BoosterParams;
  readonly featureNames: readonly string[];
  /** Score before any tree, on the link scale (log for Poisson and Tweedie). */
  readonly baseScore: number;
  readonly forest: Forest;
}

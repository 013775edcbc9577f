/**
 * What a booster minimises. Predictions are on the response scale: means for Poisson and Tweedie (log link),
 * probabilities for binary (logistic loss, targets 0 to 1).
 */
export type Loss =
  | { readonly kind: 'squared' }
  | { readonly kind: 'poisson' }
  | { readonly kind: 'tweedie'; readonly power: number }
  | { readonly kind: 'pinball'; readonly quantile: number }
  | { readonly kind: 'binary' };

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
  /** Penalty on the absolute value of leaves; default 0. */
  readonly lambdaL1?: number;
  /** Least hessian sum of a leaf; default 0. */
  readonly minHessianPerLeaf?: number;
  /** Gain a cut must surpass; default 0. */
  readonly minGain?: number;
  /** Most cuts between the root and a leaf; 0, the default, for any number. */
  readonly maxDepth?: number;
  /**
   * Features whose values are categories: whole numbers from 0 to 65535; default none. More categories than bins are
   * grouped by their mean target.
   */
  readonly categorical?: readonly string[];
  /** Rows' worth of hessian that draws a category's mean gradient to zero; rarer ones stay unnamed; default 10. */
  readonly categorySmoothing?: number;
  /** Features with which the prediction must never fall (1) or never rise (-1); not for pinball. */
  readonly monotone?: Readonly<Record<string, -1 | 1>>;
  /** Trees without a better loss on the validation set after which the fit ends; 0, the default, for never. */
  readonly earlyStoppingRounds?: number;
}

/** Rows that are not learnt from but tell when to stop. */
export interface ValidationSet {
  readonly data: FeatureColumns;
  readonly target: Float32Array;
  readonly weight?: Float32Array | null;
}

/** How boosters are fitted, which does not change them, save for the validation set. */
export interface BoosterOptions {
  readonly onProgress?: FitProgress;
  /** Threads that share the work, the caller's among them; default 1. The boosters are the same for any number. */
  readonly threads?: number;
  readonly validation?: ValidationSet;
  /** Keeps to plain TypeScript although WebAssembly is there. */
  readonly plain?: boolean;
  /** The compiled file of a thread, where it does not lie beside the library. */
  readonly threadFile?: URL;
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

import type { SignalAvailability } from '../features/schema.ts';
import type { Booster } from '../gbdt/index.ts';
import type { Calibration } from '../intervals/calibration.ts';
import type { SegmentWeights } from './types.ts';

/** How far the forecasts of the items follow those of the sums of their shelf and their location. */
export interface AlignmentExponents {
  readonly shelf: number;
  readonly location: number;
}

/** What a fit on some periods yields: the part of a model that does not come from looking at its own errors. */
export interface FittedBoosters {
  /** Pooled models of the items. */
  readonly boosters: readonly Booster[];
  /** The same of log(1 + units), none where many periods are without a sale. */
  readonly logBoosters: readonly Booster[];
  /** Models of the sums of shelves and locations. */
  readonly aggregateBoosters: readonly Booster[];
  readonly availability: SignalAvailability;
  /** Event names the model knows, in the order of their codes. */
  readonly vocabulary: readonly string[];
  /** Longest horizon learned. */
  readonly horizon: number;
}

/** What is learned from errors on validation folds. */
export interface Lessons {
  readonly exponents: AlignmentExponents;
  readonly weights: readonly SegmentWeights[];
  /** One per segment. */
  readonly calibrations: readonly Calibration[];
  /** The same for sums over the locations of a product. */
  readonly productCalibration: Calibration;
}

/** A model ready to forecast. */
export interface FittedForecaster {
  readonly fitted: FittedBoosters;
  readonly lessons: Lessons;
}

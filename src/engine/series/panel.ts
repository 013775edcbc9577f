import type { Frequency } from './frequency.ts';

/**
 * A signal beside sales: a plan, a flag of the calendar, weather, an index. One row of values may serve one series,
 * all series of a location, or all series.
 */
export interface Covariate {
  /** Stable name; it becomes part of the names of features. */
  readonly name: string;
  /** True where the values of a period are known when it is forecast (plans and calendars); else only the past is. */
  readonly known: boolean;
  /** Row of `values` that holds for each series. */
  readonly rowOf: Int32Array;
  /** `[rows * stride]`, NaN = unknown. */
  readonly values: Float32Array;
  /** Periods per row: at least those of the panel, more where the future is known. */
  readonly stride: number;
  /**
   * What is foretold is known for so many periods from the origin on only; beyond them `expected` stands for `values`, in
   * training as well, so that a model does not learn to trust what it will not be told. Absent = known as far as it goes.
   */
  readonly reach?: number;
  /** `[rows * stride]`, what is usual for each period, made of what lay before; NaN = unknown. Goes with `reach`. */
  readonly expected?: Float32Array;
}

/** Whether a covariate is planned or fixed, so that it is known however far ahead. */
export const isPlanned = ({ known, reach }: Covariate): boolean => known && reach === undefined;

/** A property by which series are grouped, such as department, brand, store or state. */
export interface SeriesAttribute {
  readonly name: string;
  /** Whether it describes what is sold or where. */
  readonly of: 'product' | 'place';
  /** Small non-negative integer per series. */
  readonly codes: Int32Array;
}

/**
 * Sales of many series in contiguous arrays, series-major: the value of series `s` in period `t` stands at
 * `s * periodCount + t`. Plain data, so that it can be moved to a worker thread without a copy.
 */
export interface Panel {
  /** Length of one period; `daily` if absent. */
  readonly frequency?: Frequency;
  /** Ordinal of period 0, see {@link Frequency}; for daily panels its civil day counted from 1970-01-01 (UTC). */
  readonly startPeriod: number;
  readonly periodCount: number;
  readonly seriesCount: number;
  /** Units sold; NaN before `firstPeriod` (and after `lastPeriod`). A period without a sale between them is 0. */
  readonly sales: Float32Array;
  /** Unit price, NaN where unknown; null if no price is known at all. */
  readonly price: Float32Array | null;
  /** Promotion strength 0..1; null if promotions are not recorded. */
  readonly promotion: Float32Array | null;
  /** 0 = stocked out, so that the period's sales are cut; 1 = in stock or unknown. Null = unknown everywhere. */
  readonly inStock: Uint8Array | null;
  /** Product code of each series, small non-negative integers; series of one product share the code. */
  readonly product: Int32Array;
  /** Location code of each series. */
  readonly location: Int32Array;
  /** Category code of each series. */
  readonly category: Int32Array;
  /** Further properties of products and places, from fine to coarse. */
  readonly attributes?: readonly SeriesAttribute[];
  /** Further signals. */
  readonly covariates?: readonly Covariate[];
  /** Index of each series' first sale or listing; `periodCount` for a series without any history. */
  readonly firstPeriod: Int32Array;
  /** Index of the last period of an ended series; absent or `periodCount - 1` while it is on sale. */
  readonly lastPeriod?: Int32Array;
}

/** A holiday, festival or other named day; days are counted from 1970-01-01. */
export interface CalendarEvent {
  readonly day: number;
  readonly name: string;
}

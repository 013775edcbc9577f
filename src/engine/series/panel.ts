/**
 * Daily sales of many series in contiguous arrays, series-major: the value of series `s` on day index `d` stands at
 * `s * dayCount + d`. Plain data, so that it can be moved to a worker thread without a copy.
 */
export interface Panel {
  /** Civil day of index 0, counted from 1970-01-01 (UTC). */
  readonly startDay: number;
  readonly dayCount: number;
  readonly seriesCount: number;
  /** Units sold; NaN before `firstDay` (and after `lastDay`). A day without a sale between them is 0. */
  readonly sales: Float32Array;
  /** Unit price, NaN where unknown; null if no price is known at all. */
  readonly price: Float32Array | null;
  /** Promotion strength 0..1; null if promotions are not recorded. */
  readonly promotion: Float32Array | null;
  /** 0 = stocked out, so that the day's sales are cut; 1 = in stock or unknown. Null = unknown everywhere. */
  readonly inStock: Uint8Array | null;
  /** Product code of each series, small non-negative integers; series of one product share the code. */
  readonly product: Int32Array;
  /** Location code of each series. */
  readonly location: Int32Array;
  /** Category code of each series. */
  readonly category: Int32Array;
  /** Day index of each series' first sale or listing; `dayCount` for a series without any history. */
  readonly firstDay: Int32Array;
  /** Day index of the last day of an ended series; absent or `dayCount - 1` while it is on sale. */
  readonly lastDay?: Int32Array;
}

/** A holiday, festival or other named day; days are counted from 1970-01-01. */
export interface CalendarEvent {
  readonly day: number;
  readonly name: string;
}

import type { AvailabilityState, Panel } from '../../engine/index.ts';

/** What the thread is given; the panel's arrays move to it. */
export interface AvailabilityInput {
  readonly panel: Panel;
  /** Only days from here on are answered, counted from 1970-01-01. */
  readonly fromDay: number;
}

/** Series and days whose sales are not the demand, column by column. */
export interface AvailabilityOutput {
  /** Product and place; product 0 stands for all that is sold at the place. */
  readonly product: Int32Array;
  readonly location: Int32Array;
  /** Counted from 1970-01-01. */
  readonly day: Int32Array;
  readonly state: readonly AvailabilityState[];
  /** Units; NaN where nothing is known. */
  readonly sold: Float32Array;
  readonly demand: Float32Array;
  readonly price: Float32Array;
}

import type { CalendarEvent, Panel, TrainOptions } from '../../engine/index.ts';

/** What the thread that makes features is given; the panel's arrays move to it. */
export interface FeaturesInput {
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  readonly options: TrainOptions;
  /** Indices into the panel of the series whose rows are wanted. */
  readonly series: Int32Array;
}

/** Training rows: keys, then one column per feature. */
export interface FeaturesResult {
  readonly names: readonly string[];
  readonly columns: readonly Float32Array[];
  readonly product: Int32Array;
  readonly location: Int32Array;
  /** Last day known to the forecast, and the day forecast, counted from 1970-01-01. */
  readonly asOf: Int32Array;
  readonly day: Int32Array;
  readonly units: Float32Array;
}

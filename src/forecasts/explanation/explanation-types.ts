import type { CalendarEvent, Panel } from '../../engine/index.ts';

/** A run's forecasts of one product, to be taken apart. */
export interface ExplainedRun {
  readonly model: string;
  /** Category names by the code this model knows them under; names it does not know follow. */
  readonly categories: readonly string[];
  /** Last day of sales the run has seen, counted from 1970-01-01. */
  readonly businessDay: number;
  readonly horizon: number;
  /** Places forecast, and their published means, `[locations * horizon]`. */
  readonly locations: readonly number[];
  readonly means: Float32Array;
}

/** What the explaining thread is given; the panel's arrays move to it. */
export interface ExplanationInput {
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  /** Category names by their code in the panel. */
  readonly categories: readonly string[];
  readonly product: number;
  readonly runs: readonly ExplainedRun[];
}

/** Contributions of one run's forecasts, units `[locations * horizon * FORECAST_DRIVERS]`. */
export type ExplanationOutput = Float32Array[];

import type { CalendarEvent, Frequency, FuturePlan, Panel } from '../engine/index.ts';

/** What may be said while a file is read. */
export interface ReadHooks {
  /** Share of the file that has been read, 0..1. */
  readonly onProgress?: (share: number) => void;
  /** Aborted: reading stops with an AbortError. */
  readonly signal?: AbortSignal;
}

/** Everything a forecast is computed from, cut at the last period trained on. */
export interface ForecastInput {
  /** Sales up to the end of training and not a period longer; covariates known ahead reach over the horizon. */
  readonly panel: Panel;
  readonly frequency: Frequency;
  /** Named days, those of the horizon included: the calendar is known ahead. */
  readonly events: readonly CalendarEvent[];
  readonly horizon: number;
  /** Name of each series as the forecast file shall carry it. */
  readonly seriesNames: readonly string[];
  /** Product and place of each series; null where the file does not tell them apart. */
  readonly skus: readonly string[] | null;
  readonly locations: readonly string[] | null;
  /** Text of the date of every period of the panel and, after them, of the horizon. */
  readonly dates: readonly string[];
  /** `d_N` of the same periods; null unless the layout has them. */
  readonly dayLabels: readonly string[] | null;
  /** Which signals are planned ahead, and their plans `[seriesCount * horizon]`. */
  readonly known: { readonly price: boolean; readonly promotion: boolean };
  readonly future: FuturePlan;
  /** What a reader should be told about the way the file was understood. */
  readonly notes: readonly string[];
}

/** Distinct texts as small codes in the order of their first appearance. */
export class Codes {
  readonly names: string[] = [];
  private readonly codes = new Map<string, number>();

  of(name: string): number {
    let code = this.codes.get(name);
    if (code === undefined) {
      code = this.names.length;
      this.names.push(name);
      this.codes.set(name, code);
    }
    return code;
  }
}

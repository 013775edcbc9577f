import type { Forecast, Sufficiency } from '../../engine/index.ts';
import { centralLevels, SeriesKeys, seriesRows } from '../training/forecast-rows.ts';

/** A forecast made on request, reduced to what answers show. Arrays of days are row-major, `[rows * horizon]`. */
export interface LiveTable {
  /** First day, counted from 1970-01-01. */
  readonly startDay: number;
  readonly horizon: number;
  /** Rows in (product, location) order of the panel, then the sums over the locations (location 0). */
  readonly product: Int32Array;
  readonly location: Int32Array;
  readonly sufficiency: readonly Sufficiency[];
  readonly mean: Float32Array;
  readonly p10: Float32Array;
  readonly p50: Float32Array;
  readonly p90: Float32Array;
}

/** Keeps of a forecast what answers need. */
export function liveTable(forecast: Forecast, keys: SeriesKeys): LiveTable {
  const rows = seriesRows(forecast, keys);
  const { horizon } = forecast;
  const levels = centralLevels(forecast.levels);
  const days = (pick: (row: (typeof rows)[number]) => Float32Array) => {
    const out = new Float32Array(rows.length * horizon);
    rows.forEach((row, at) => out.set(pick(row), at * horizon));
    return out;
  };
  return {
    startDay: forecast.startPeriod,
    horizon,
    product: Int32Array.from(rows, (row) => row.product),
    location: Int32Array.from(rows, (row) => row.location),
    sufficiency: rows.map(({ sufficiency }) => sufficiency),
    mean: days(({ mean }) => mean),
    p10: days(({ quantiles }) => quantiles[levels.p10]),
    p50: days(({ quantiles }) => quantiles[levels.p50]),
    p90: days(({ quantiles }) => quantiles[levels.p90]),
  };
}

/** Row of a series; -1 where the table does not hold it. */
export function rowOf({ product, location }: LiveTable, wantedProduct: number, wantedLocation: number): number {
  return product.findIndex((id, row) => id === wantedProduct && location[row] === wantedLocation);
}

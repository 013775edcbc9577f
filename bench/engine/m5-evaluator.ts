import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  scoringScales,
  weightedPinball,
  weightedRmsse,
  type LevelScales,
  type ScoringLevel,
  type WeightedScore,
} from '../../src/engine/metrics/weighted.ts';
import { dayFromCivil } from '../../src/engine/series/days.ts';
import type { CalendarEvent, Covariate, Panel } from '../../src/engine/series/panel.ts';

/** Days ahead that M5 asks for. */
export const M5_HORIZON = 28;
/** Quantiles of the M5 uncertainty competition. */
export const M5_QUANTILES: readonly number[] = [0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995];
/** Stores of the subset measured here, one of each state. */
export const M5_STORES: readonly string[] = ['CA_1', 'TX_2', 'WI_1'];

/** Small non-negative integers standing for names, numbered by first appearance. */
export interface Codes {
  readonly names: readonly string[];
  /** One per series. */
  readonly of: Int32Array;
}

/** The calendar: all arrays have one entry a day, among them days beyond the last sales. */
export interface M5Calendar {
  readonly dayCount: number;
  /** Civil day, from 1970-01-01, of day index 0 (d_1). */
  readonly startDay: number;
  /** Both event columns, ascending by day. */
  readonly events: readonly CalendarEvent[];
  /** 1 on days on which food stamps are accepted, per state name. */
  readonly snap: ReadonlyMap<string, Uint8Array>;
}

/** Sales, prices and calendar in typed arrays. Day index `t` stands for `d_<t + 1>`. */
export interface M5 {
  readonly seriesCount: number;
  /** Days with sales, 1,941. */
  readonly salesDays: number;
  /** Units, `[seriesCount * salesDays]`. */
  readonly sales: Float32Array;
  /** Unit prices, `[seriesCount * calendar.dayCount]`; NaN before the release. */
  readonly price: Float32Array;
  readonly item: Codes;
  readonly department: Codes;
  readonly category: Codes;
  readonly store: Codes;
  readonly state: Codes;
  readonly calendar: M5Calendar;
}

/** Scores of one forecast of the 28 days after an origin. */
export interface M5Score {
  /** Mean over the 12 levels. */
  readonly wrmsse: number;
  /** Level 1 (total) to 12 (item × store). */
  readonly byLevel: readonly number[];
  /** Over item × store × day. */
  readonly wape: number;
  /** (Σ forecast − Σ actual) / Σ actual. */
  readonly bias: number;
}

/** Judges forecasts made at one origin; the scales are computed once. */
export interface M5Scorer {
  readonly scales: readonly LevelScales[];
  /** Units of the days after the origin, `[seriesCount * 28]`. */
  readonly actual: Float32Array;
  /** @param forecast bottom series, `[seriesCount * 28]` */
  readonly score: (forecast: ArrayLike<number>) => M5Score;
  /**
   * Weighted scaled pinball loss over the levels from `firstLevel` (1) on.
   * @param quantiles per level one `[nodes * 28]` array for each of {@link M5_QUANTILES}
   */
  readonly scoreQuantiles: (quantiles: readonly (readonly ArrayLike<number>[])[], firstLevel?: number) => WeightedScore;
}

/** Reads the files of the stores given from `<folder>`: sales_<store>, prices_<store> and calendar, `.csv.gz`. */
export function readM5(folder: string, stores: readonly string[] = M5_STORES): M5 {
  const { calendar, weeks } = readCalendar(folder);
  const fields = [1, 2, 3, 4, 5].map(() => ({ names: [] as string[], of: [] as number[] }));
  const parts = stores.map((store) => {
    const lines = gunzipSync(readFileSync(join(folder, `sales_${store}.csv.gz`)));
    return parseSales(lines, fields);
  });
  const [item, department, category, store, state] = fields.map(({ names, of }): Codes => ({
    names,
    of: Int32Array.from(of),
  }));
  const seriesCount = item.of.length;
  const salesDays = parts[0].length / (seriesCount / stores.length);
  const sales = new Float32Array(seriesCount * salesDays);
  let at = 0;
  for (const part of parts) {
    sales.set(part, at);
    at += part.length;
  }
  const price = new Float32Array(seriesCount * calendar.dayCount).fill(NaN);
  const rowOf = new Map(
    Array.from(item.of, (code, s) => [`${store.names[store.of[s]]},${item.names[code]}`, s] as const),
  );
  for (const name of stores)
    parsePrices(
      gunzipSync(readFileSync(join(folder, `prices_${name}.csv.gz`))),
      rowOf,
      weeks,
      price,
      calendar.dayCount,
    );
  return { seriesCount, salesDays, sales, price, item, department, category, store, state, calendar };
}

/** The 12 levels of the competition, from the total to item × store. */
export function m5Levels(m5: M5): ScoringLevel[] {
  const level = (name: string, ...by: Codes[]): ScoringLevel => {
    const keys = new Map<string, number>();
    const nodeOf = Int32Array.from({ length: m5.seriesCount }, (_, s) => {
      const key = by.map((codes) => codes.of[s]).join(' ');
      const node = keys.get(key) ?? keys.size;
      keys.set(key, node);
      return node;
    });
    return { name, nodeOf, count: keys.size };
  };
  const { item, department, category, store, state } = m5;
  return [
    level('total'),
    level('state', state),
    level('store', store),
    level('category', category),
    level('department', department),
    level('state, category', state, category),
    level('state, department', state, department),
    level('store, category', store, category),
    level('store, department', store, department),
    level('item', item),
    level('item, state', item, state),
    level('item, store', item, store),
  ];
}

/** Prepares the judgement of forecasts of the 28 days after the first `origin` days. */
export function m5Scorer(m5: M5, origin: number): M5Scorer {
  const { seriesCount, salesDays, sales, price, calendar } = m5;
  const revenue = new Float64Array(seriesCount);
  const actual = new Float32Array(seriesCount * M5_HORIZON);
  for (let s = 0; s < seriesCount; s++) {
    for (let t = origin - 28; t < origin; t++) {
      const unitPrice = price[s * calendar.dayCount + t];
      if (unitPrice >= 0) revenue[s] += sales[s * salesDays + t] * unitPrice;
    }
    actual.set(sales.subarray(s * salesDays + origin, s * salesDays + origin + M5_HORIZON), s * M5_HORIZON);
  }
  const scales = scoringScales({ values: sales, stride: salesDays, length: origin }, m5Levels(m5), revenue);
  const number = (value: number | null) => value ?? NaN;
  return {
    scales,
    actual,
    score: (forecast) => {
      const { mean, byLevel } = weightedRmsse(scales, actual, forecast, M5_HORIZON);
      let error = 0;
      let total = 0;
      let surplus = 0;
      for (let i = 0; i < actual.length; i++) {
        error += Math.abs(actual[i] - forecast[i]);
        surplus += forecast[i] - actual[i];
        total += actual[i];
      }
      return { wrmsse: number(mean), byLevel: byLevel.map(number), wape: error / total, bias: surplus / total };
    },
    scoreQuantiles: (quantiles, firstLevel = 1) =>
      weightedPinball(
        scales.slice(firstLevel - 1, firstLevel - 1 + quantiles.length),
        actual,
        quantiles,
        M5_QUANTILES,
        M5_HORIZON,
      ),
  };
}

/** Judges one forecast, `[seriesCount * 28]`, of the days after the first `origin` days. */
export function scoreM5(m5: M5, forecast: ArrayLike<number>, origin: number): M5Score {
  return m5Scorer(m5, origin).score(forecast);
}

/** The first `days` days as a panel; a series begins with its first sale, a department is its category. */
export function m5Panel(m5: M5, days: number): Panel {
  const { seriesCount, salesDays, item, department, category, store, state, calendar } = m5;
  const sales = new Float32Array(seriesCount * days);
  const price = new Float32Array(seriesCount * days);
  const firstPeriod = new Int32Array(seriesCount);
  for (let s = 0; s < seriesCount; s++) {
    const row = sales.subarray(s * days, (s + 1) * days);
    row.set(m5.sales.subarray(s * salesDays, s * salesDays + days));
    price.set(m5.price.subarray(s * calendar.dayCount, s * calendar.dayCount + days), s * days);
    const first = row.findIndex((units) => units > 0);
    firstPeriod[s] = first < 0 ? days : first;
    row.fill(NaN, 0, firstPeriod[s]);
  }
  const snap: Covariate = {
    name: 'snap',
    known: true,
    rowOf: state.of,
    values: Float32Array.from(state.names.flatMap((name) => Array.from(calendar.snap.get(name) ?? []))),
    stride: calendar.dayCount,
  };
  return {
    frequency: 'daily',
    startPeriod: calendar.startDay,
    periodCount: days,
    seriesCount,
    sales,
    price,
    promotion: null,
    inStock: null,
    product: item.of,
    location: store.of,
    category: department.of,
    attributes: [
      { name: 'division', of: 'product', codes: category.of },
      { name: 'state', of: 'place', codes: state.of },
    ],
    covariates: [snap],
    firstPeriod,
  };
}

function readCalendar(folder: string): { calendar: M5Calendar; weeks: Map<number, number[]> } {
  const text = gunzipSync(readFileSync(join(folder, 'calendar.csv.gz'))).toString('latin1');
  const [header, ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const states = header.filter((name) => name.startsWith('snap_')).map((name) => name.slice('snap_'.length));
  const snap = new Map(states.map((name) => [name, new Uint8Array(rows.length)]));
  const events: CalendarEvent[] = [];
  const weeks = new Map<number, number[]>();
  const [year, month, day] = rows[0][0].split('-').map(Number);
  const startDay = dayFromCivil(year, month, day);
  rows.forEach((row, t) => {
    const week = Number(row[header.indexOf('wm_yr_wk')]);
    weeks.set(week, [...(weeks.get(week) ?? []), t]);
    for (const column of ['event_name_1', 'event_name_2']) {
      const name = row[header.indexOf(column)];
      if (name) events.push({ day: startDay + t, name });
    }
    for (const [name, flags] of snap) flags[t] = Number(row[header.indexOf(`snap_${name}`)]);
  });
  return { calendar: { dayCount: rows.length, startDay, events, snap }, weeks };
}

/** Appends the codes of the five name columns and returns the units, series-major. */
function parseSales(bytes: Buffer, fields: readonly { names: string[]; of: number[] }[]): Float32Array {
  const headerEnd = bytes.indexOf(10);
  const days = bytes.toString('latin1', 0, headerEnd).split(',').length - fields.length - 1;
  const lookups = fields.map(({ names }) => new Map(names.map((name, code) => [name, code])));
  const units: Float32Array[] = [];
  let at = headerEnd + 1;
  while (at < bytes.length) {
    at = bytes.indexOf(44, at) + 1;
    fields.forEach(({ names, of }, f) => {
      const end = bytes.indexOf(44, at);
      const name = bytes.toString('latin1', at, end);
      const code = lookups[f].get(name) ?? names.length;
      if (code === names.length) {
        names.push(name);
        lookups[f].set(name, code);
      }
      of.push(code);
      at = end + 1;
    });
    const row = new Float32Array(days);
    for (let t = 0; t < days; t++) {
      let value = 0;
      for (; bytes[at] >= 48 && bytes[at] <= 57; at++) value = value * 10 + bytes[at] - 48;
      row[t] = value;
      at++;
    }
    if (bytes[at] === 10) at++;
    units.push(row);
  }
  const all = new Float32Array(units.length * days);
  units.forEach((row, s) => all.set(row, s * days));
  return all;
}

/** Spreads weekly prices over the days of their weeks. */
function parsePrices(
  bytes: Buffer,
  rowOf: ReadonlyMap<string, number>,
  weeks: ReadonlyMap<number, readonly number[]>,
  price: Float32Array,
  stride: number,
): void {
  let at = bytes.indexOf(10) + 1;
  while (at < bytes.length) {
    const itemAt = bytes.indexOf(44, at) + 1;
    const itemEnd = bytes.indexOf(44, itemAt);
    const weekEnd = bytes.indexOf(44, itemEnd + 1);
    const newline = bytes.indexOf(10, weekEnd);
    const lineEnd = newline < 0 ? bytes.length : newline;
    const row = rowOf.get(bytes.toString('latin1', at, itemEnd));
    const days = weeks.get(Number(bytes.toString('latin1', itemEnd + 1, weekEnd)));
    const value = Number(bytes.toString('latin1', weekEnd + 1, lineEnd));
    if (row !== undefined && days) for (const t of days) price[row * stride + t] = value;
    at = lineEnd + 1;
  }
}

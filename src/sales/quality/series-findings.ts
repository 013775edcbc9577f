import type { FindingKind } from './findings.ts';

/** What one product sold at one place: the days that have a row, ascending, counted from 1970-01-01. */
export interface SeriesRows {
  readonly days: readonly number[];
  readonly quantity: readonly number[];
  /** NaN where not stated. */
  readonly price: readonly number[];
}

/** Something odd about a series; `count` of `kind`, told at `day`. */
export interface SeriesFinding {
  readonly kind: Extract<FindingKind, 'gap' | 'outlier' | 'unit_change' | 'price_unit_change'>;
  readonly day: number;
  readonly count: number;
  readonly detail: string;
}

/** Rows to each side that tell what is ordinary. */
const REACH = 28;
/** Rows before and after a change of units that must all be on their side of it. */
const BEFORE = 14;
const AFTER = 7;
/** What packs hold, and what currencies are divided into. */
const PACKS = [6, 8, 10, 12, 15, 16, 18, 20, 24, 30, 36, 40, 48, 50, 60, 72, 100, 144, 1000];
const PRICE_FACTORS = [6, 10, 12, 20, 24, 48, 100, 1000];
/** How near a change must be to one of these. */
const NEARNESS = 0.12;
/** Chance of so many missing days in a row below which they are a gap: the series has a row nearly every day. */
const LEAST_CHANCE = 1e-3;
const FEWEST_ROWS = 28;
/** An outlier lies so many typical deviations, and so many times, above what is ordinary. */
const DEVIATIONS = 12;
const TIMES = 6;
const MOST_NEARBY = 2;
const { abs, log, max, min, sqrt } = Math;

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Looks at one series for gaps, outliers and changes of its units. */
export function seriesFindings(rows: SeriesRows): SeriesFinding[] {
  const changes = [
    ...changesOf(rows.days, rows.quantity, PACKS, 'unit_change'),
    ...changesOf(rows.days, rows.price, PRICE_FACTORS, 'price_unit_change'),
  ];
  return [...gapsOf(rows.days), ...changes, ...outliersOf(rows, changes)];
}

/** Runs of missing days that are no chance: the rows around them are nearly complete. */
function gapsOf(days: readonly number[]): SeriesFinding[] {
  const found: SeriesFinding[] = [];
  for (let i = 1; i < days.length; i++) {
    const missing = days[i] - days[i - 1] - 1;
    if (missing <= 0) continue;
    const from = max(0, i - REACH);
    const to = min(days.length, i + REACH);
    const rows = to - from;
    if (rows < FEWEST_ROWS) continue;
    const span = days[to - 1] - days[from] + 1 - missing;
    const absent = (span - rows + 0.5) / (span + 1);
    if (absent ** missing < LEAST_CHANCE)
      found.push({ kind: 'gap', day: days[i - 1] + 1, count: missing, detail: `${missing} days without a row` });
  }
  return found;
}

/** Points from which on all values are a pack's size times those before, or that part of them. */
function changesOf(
  days: readonly number[],
  values: readonly number[],
  factors: readonly number[],
  kind: 'unit_change' | 'price_unit_change',
): SeriesFinding[] {
  const at: number[] = [];
  values.forEach((value, i) => {
    if (value > 0) at.push(i);
  });
  const found: SeriesFinding[] = [];
  for (let k = BEFORE; k + AFTER <= at.length; k++) {
    const before = at.slice(k - BEFORE, k).map((i) => values[i]);
    const after = at.slice(k, k + AFTER).map((i) => values[i]);
    const isUp = min(...after) > max(...before);
    const isDown = max(...after) < min(...before);
    if (!isUp && !isDown) continue;
    const ratio = medianOf(after) / medianOf(before);
    const factor = factors.find((size) => abs(log(isUp ? ratio : 1 / ratio) - log(size)) < NEARNESS);
    if (factor === undefined) continue;
    found.push({
      kind,
      day: days[at[k]],
      count: 1,
      detail: isUp ? `${factor} times as before` : `a ${factor}th of before`,
    });
    k += AFTER;
  }
  return found;
}

function outliersOf({ days, quantity }: SeriesRows, changes: readonly SeriesFinding[]): SeriesFinding[] {
  if (days.length < FEWEST_ROWS) return [];
  const high: number[] = [];
  for (let i = 0; i < days.length; i++) {
    if (quantity[i] <= TIMES) continue;
    const around = quantity.slice(max(0, i - REACH), i + REACH + 1);
    const median = medianOf(around);
    if (quantity[i] <= TIMES * max(median, 1)) continue;
    const deviation = max(1.4826 * medianOf(around.map((value) => abs(value - median))), sqrt(median), 1);
    if (quantity[i] > median + DEVIATIONS * deviation) high.push(i);
  }
  return high
    .filter((i) => high.filter((other) => abs(days[other] - days[i]) <= 7).length <= MOST_NEARBY)
    .filter((i) => !changes.some(({ kind, day }) => kind === 'unit_change' && abs(day - days[i]) <= 2 * REACH))
    .map((i) => ({ kind: 'outlier', day: days[i], count: 1, detail: `${quantity[i]} units` }));
}

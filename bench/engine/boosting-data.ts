import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FeatureColumns } from '../../src/engine/gbdt/index.ts';
import { createRng } from '../../src/engine/rng.ts';

/** Rows to learn from and rows to test on. */
export interface Table {
  readonly train: FeatureColumns;
  readonly target: Float32Array;
  readonly test: FeatureColumns;
  readonly actual: Float32Array;
  /** Names of the features that hold categories. */
  readonly categorical: readonly string[];
}

function part(table: FeatureColumns, begin: number, end: number): FeatureColumns {
  return { names: table.names, columns: table.columns.map((c) => c.slice(begin, end)), rowCount: end - begin };
}

/** Splits a table into its first rows and its last ones. */
function cut(table: FeatureColumns, target: Float32Array, rows: number, categorical: readonly string[]): Table {
  const end = table.rowCount;
  return {
    train: part(table, 0, rows),
    target: target.slice(0, rows),
    test: part(table, rows, end),
    actual: target.slice(rows, end),
    categorical,
  };
}

/** 30 normal features and counts whose mean depends on four of them. */
export function simulatedTable(rows: number): Table {
  const rng = createRng(1);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
  const all = rows + 50_000;
  const columns = Array.from({ length: 30 }, () => Float32Array.from({ length: all }, normal));
  const target = Float32Array.from({ length: all }, (_, i) => {
    const [a, b, c, d] = columns;
    const limit = Math.exp(-Math.exp(0.4 * a[i] + 0.3 * Math.sin(2 * b[i]) + 0.3 * c[i] * d[i]));
    let count = 0;
    for (let product = rng(); product > limit && count < 60; product *= rng()) count++;
    return count;
  });
  return cut({ names: columns.map((_, f) => `f${f}`), columns, rowCount: all }, target, rows, []);
}

/**
 * Lags, rolling means, calendar, price and categories of one M5 store, row by row in the order of days, missing values
 * where the history is too short or there is no price.
 */
export function storeTable(folder: string, rows: number): Table {
  const lines = (name: string): string[] =>
    gunzipSync(readFileSync(join(folder, 'm5', name)))
      .toString('latin1')
      .trimEnd()
      .split('\n')
      .slice(1);
  const calendar = lines('calendar.csv.gz').map((line) => line.split(','));
  const price = new Map(
    lines('prices_CA_1.csv.gz').map((line) => {
      const [, item, week, value] = line.split(',');
      return [`${item} ${week}`, Number(value)] as const;
    }),
  );
  const codes = new Map<string, number>();
  const code = (text: string): number => codes.get(text) ?? (codes.set(text, codes.size), codes.size - 1);
  const series = lines('sales_CA_1.csv.gz').map((line) => {
    const cells = line.split(',');
    return { item: cells[1], dept: cells[2], category: cells[3], sales: Float32Array.from(cells.slice(6), Number) };
  });
  const lags = [28, 29, 30, 31, 32, 33, 34, 35, 42, 49, 56];
  const windows = [7, 14, 28, 56, 84, 182];
  const names = [
    ...lags.map((lag) => `lag${lag}`),
    ...windows.map((window) => `mean${window}`),
    ...['price', 'change', 'day', 'month', 'weekday', 'snap', 'event', 'eventType', 'dept', 'category', 'item', 'year'],
  ];
  const categorical = ['weekday', 'event', 'eventType', 'dept', 'category', 'item'];
  const total = rows + 50_000;
  const columns = names.map(() => new Float32Array(total));
  const target = new Float32Array(total);
  const days = series[0].sales.length;
  const firstDay = days - Math.ceil(total / series.length);
  for (let row = 0; row < total; row++) {
    const { item, dept, category, sales } = series[row % series.length];
    const day = firstDay + Math.floor(row / series.length);
    const [date, week, , weekday, month, year, , event, eventType, , , snap] = calendar[day];
    const now = price.get(`${item} ${week}`) ?? NaN;
    const before = price.get(`${item} ${calendar[day - 28][1]}`) ?? NaN;
    const values = [
      ...lags.map((lag) => sales[day - lag]),
      ...windows.map((window) => sales.subarray(day - 27 - window, day - 27).reduce((a, b) => a + b, 0) / window),
      ...[now, now / before, Number(date.slice(8)), Number(month), Number(weekday), Number(snap)],
      ...[event ? code(event) : NaN, eventType ? code(eventType) : NaN, code(dept), code(category)],
      ...[row % series.length, Number(year)],
    ];
    values.forEach((value, f) => (columns[f][row] = value));
    target[row] = sales[day];
  }
  return cut({ names, columns, rowCount: total }, target, rows, categorical);
}

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { buildCalendar } from '../../src/engine/features/calendar.ts';
import { featureSource } from '../../src/engine/features/history.ts';
import { computePanelFeatures } from '../../src/engine/features/rows.ts';
import { feature, type Feature } from '../../src/engine/features/spec.ts';
import { observedDays } from '../../src/engine/series/availability.ts';
import { dayFromCivil } from '../../src/engine/series/days.ts';
import type { Panel } from '../../src/engine/series/panel.ts';
import { median, type Figure } from '../report.ts';

const DAYS = 1941;
const START_DAY = dayFromCivil(2021, 1, 29);
/** Series built at once; bounds the memory of the columns. */
const SERIES_AT_ONCE = 64;

/** Every column of the bench with the same thing in SQL over `sales (s, t, y, price)`, one period ahead. */
const COLUMNS: readonly (readonly [Feature, string])[] = [
  [feature({ kind: 'sales_lag', step: 1 }), 'lag(y, 1) OVER series'],
  [feature({ kind: 'sales_lag', step: 7 }), 'lag(y, 7) OVER series'],
  [feature({ kind: 'sales_lag', step: 28 }), 'lag(y, 28) OVER series'],
  ...[7, 28, 112].flatMap((window): [Feature, string][] => [
    [feature({ kind: 'rolling_mean', window }), `avg(y) OVER w${window}`],
    [feature({ kind: 'rolling_std', window }), `stddev_pop(y) OVER w${window}`],
  ]),
  [
    feature({ kind: 'season_mean', season: 7, repeats: 4 }),
    'avg(y) OVER (PARTITION BY s, t % 7 ORDER BY t ROWS BETWEEN 4 PRECEDING AND 1 PRECEDING)',
  ],
  [
    feature({ kind: 'zero_run' }),
    `nullif(lag(seen) OVER series, first_value(before) OVER series)
      - coalesce(last_value(CASE WHEN y > 0 THEN seen END IGNORE NULLS) OVER past, first_value(before) OVER series)`,
  ],
  [feature({ kind: 'nonzero_share', window: 28 }), 'avg((y > 0)::INT) OVER w28'],
  [feature({ kind: 'availability', window: 28 }), 'avg((y IS NOT NULL)::INT) OVER w28'],
  [feature({ kind: 'rolling_min', window: 7 }), 'min(y) OVER w7'],
  [feature({ kind: 'rolling_max', window: 28 }), 'max(y) OVER w28'],
  [feature({ kind: 'price_relative', known: false, window: 28 }), 'lag(price) OVER series / avg(price) OVER w28'],
  [feature({ kind: 'calendar', field: 'weekday', ahead: 0 }), 'isodow(day) - 1'],
  [feature({ kind: 'calendar', field: 'dayOfMonth', ahead: 0 }), 'day(day)'],
  [feature({ kind: 'calendar', field: 'week', ahead: 0 }), 'week(day)'],
  [feature({ kind: 'calendar', field: 'month', ahead: 0 }), 'month(day)'],
];

/** Sum and number of the known values of a column. */
interface Checksum {
  readonly sum: number;
  readonly count: number;
}

/** Sales that TypeScript and SQL can both write down without moving the rows: whole-number arithmetic. */
function benchPanel(seriesCount: number): Panel {
  const size = seriesCount * DAYS;
  const sales = new Float32Array(size);
  const price = new Float32Array(size);
  for (let s = 0; s < seriesCount; s++)
    for (let t = 0; t < DAYS; t++) {
      const x = (s * 1009 + t * 9176 + s * t * 31) % 10007;
      sales[s * DAYS + t] = x % 23 === 0 ? NaN : x % 10 < 5 ? 0 : x % 9;
      price[s * DAYS + t] = 1 + (x % 7) / 4;
    }
  return {
    startPeriod: START_DAY,
    periodCount: DAYS,
    seriesCount,
    sales,
    price,
    promotion: null,
    inStock: null,
    product: Int32Array.from({ length: seriesCount }, (_, s) => s >> 1),
    location: Int32Array.from({ length: seriesCount }, (_, s) => s & 1),
    category: new Int32Array(seriesCount),
    firstPeriod: new Int32Array(seriesCount),
  };
}

async function writeSales(db: DuckDBConnection, seriesCount: number): Promise<void> {
  await db.run(`CREATE TABLE sales AS
    SELECT s::INT AS s, t::INT AS t, DATE '1970-01-01' + (${START_DAY} + t)::INT AS day,
      (CASE WHEN x % 23 = 0 THEN NULL WHEN x % 10 < 5 THEN 0 ELSE x % 9 END)::FLOAT AS y, (1 + (x % 7) / 4.0)::FLOAT AS price
    FROM (SELECT s, t, (s * 1009 + t * 9176 + s * t * 31) % 10007 AS x
      FROM range(${seriesCount}) a(s), range(${DAYS}) b(t)) ORDER BY s, t`);
}

/**
 * All columns in SQL; `where` limits the series. Observed days are counted in one stream over the ordered table: a running
 * count per series would cost as much as all other columns together.
 */
function featuresInSql(where = ''): string {
  const frame = (days: number) => `(PARTITION BY s ORDER BY t ROWS BETWEEN ${days} PRECEDING AND 1 PRECEDING)`;
  return `SELECT s, t, ${COLUMNS.map(([, sql], f) => `(${sql})::FLOAT AS f${f}`).join(', ')}
    FROM (SELECT *, seen - (y IS NOT NULL)::INT AS before
      FROM (SELECT *, count(y) OVER (ROWS UNBOUNDED PRECEDING) AS seen FROM sales ${where}))
    WINDOW series AS (PARTITION BY s ORDER BY t), w7 AS ${frame(7)}, w28 AS ${frame(28)}, w112 AS ${frame(112)},
      past AS (PARTITION BY s ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
}

async function sumInSql(db: DuckDBConnection): Promise<Checksum[]> {
  const sums = COLUMNS.map((_, f) => `sum(f${f}::DOUBLE), count(f${f})`).join(', ');
  const [row] = (await db.runAndReadAll(`SELECT ${sums} FROM (${featuresInSql()})`)).getRows();
  return COLUMNS.map((_, f) => ({ sum: Number(row[2 * f]), count: Number(row[2 * f + 1]) }));
}

const SCHEMA = COLUMNS.map(([spec]) => spec);

function sourceOf(panel: Panel) {
  return featureSource(panel, observedDays(panel), buildCalendar(START_DAY, DAYS, [], []), null);
}

/** The same by the engine; what the source prepares for other features is part of the cost. */
function sumInEngine(panel: Panel): Checksum[] {
  const source = sourceOf(panel);
  const sums = new Float64Array(SCHEMA.length);
  const counts = new Float64Array(SCHEMA.length);
  for (let from = 0; from < panel.seriesCount; from += SERIES_AT_ONCE) {
    const to = Math.min(panel.seriesCount, from + SERIES_AT_ONCE);
    computePanelFeatures(source, SCHEMA, from, to).columns.forEach((column, f) => {
      let sum = 0;
      let count = 0;
      for (let row = 0; row < column.length; row++) {
        const value = column[row];
        if (value === value) {
          sum += value;
          count++;
        }
      }
      sums[f] += sum;
      counts[f] += count;
    });
  }
  return SCHEMA.map((_, f) => ({ sum: sums[f], count: counts[f] }));
}

const close = (a: number, b: number, tolerance: number) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

/** @throws Error naming the first column on which the two disagree */
async function compare(db: DuckDBConnection, panel: Panel, ours: Checksum[], theirs: Checksum[]): Promise<void> {
  SCHEMA.forEach(({ name }, f) => {
    if (ours[f].count !== theirs[f].count || !close(ours[f].sum, theirs[f].sum, 1e-6))
      throw new Error(`${name}: ${JSON.stringify(ours[f])} in the engine, ${JSON.stringify(theirs[f])} in SQL`);
  });
  const series = panel.seriesCount - 3;
  const { columns } = computePanelFeatures(sourceOf(panel), SCHEMA, series, series + 1);
  const rows = (await db.runAndReadAll(`${featuresInSql(`WHERE s = ${series}`)} ORDER BY t`)).getRows();
  rows.forEach((row, t) =>
    SCHEMA.forEach(({ name }, f) => {
      const wanted = row[f + 2] === null ? NaN : Number(row[f + 2]);
      const got = columns[f][t];
      if (Number.isNaN(wanted) ? !Number.isNaN(got) : !close(got, wanted, 1e-5))
        throw new Error(`${name} of series ${series} in period ${t}: ${got} in the engine, ${wanted} in SQL`);
    }),
  );
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Twenty features of every series and day, one day ahead: the engine's loops against DuckDB's window functions on the
 * same rows in the same process, one thread each, in turn; both reduce their columns to sums, which must agree.
 */
export async function benchFeatures({ short }: { readonly short: boolean }): Promise<Figure[]> {
  const seriesCount = Math.ceil((short ? 1e6 : 1e7) / DAYS);
  const panel = benchPanel(seriesCount);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const db = await instance.connect();
  try {
    await writeSales(db, seriesCount);
    const engine: number[] = [];
    const sql: number[] = [];
    for (let repetition = 0; repetition < (short ? 3 : 2); repetition++) {
      const start = cpuSeconds();
      const ours = sumInEngine(panel);
      const between = cpuSeconds();
      const theirs = await sumInSql(db);
      const end = cpuSeconds();
      if (repetition === 0) await compare(db, panel, ours, theirs);
      engine.push(between - start);
      sql.push(end - between);
    }
    const rows = `${short ? '1' : '10'} M rows`;
    return [
      {
        name: `features for ${rows}, DuckDB SQL over engine`,
        value: median(sql) / median(engine),
        unit: '×',
        target: { atLeast: 3 },
      },
      { name: `features for ${rows}, engine`, value: median(engine), unit: 'CPU s' },
      { name: `features for ${rows}, DuckDB SQL`, value: median(sql), unit: 'CPU s' },
    ];
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

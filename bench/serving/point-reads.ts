import type { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { CURRENT_SERIES } from '../../src/forecasts/serving/series-query.ts';
import { Figure, percentile, short } from '../report.ts';
import type { RunningSystem } from '../running-system.ts';

const HORIZON = 28;
const LOCATIONS = 100;
const PRODUCTS = short ? 360 : 3_600;
const READS = short ? 300 : 1_000;

interface Fixture {
  readonly rows: number;
  readonly products: readonly { readonly id: number; readonly productId: string }[];
  readonly locations: readonly { readonly id: number; readonly locationId: string }[];
}

/** Fills the tables with a run of a large assortment: every product at every location, 28 days each. */
async function fill(database: Client): Promise<Fixture> {
  const { rows: products } = await database.query<{ id: number; productId: string }>(
    `INSERT INTO products (sku, name, category) SELECT 'BULK-' || i, 'Bulk ' || i, 'Bulk' FROM generate_series(1, $1::int) i
     RETURNING id, product_id AS "productId"`,
    [PRODUCTS],
  );
  const { rows: locations } = await database.query<{ id: number; locationId: string }>(
    `INSERT INTO locations (code, name) SELECT 'BULK-' || i, 'Bulk ' || i FROM generate_series(1, $1::int) i
     RETURNING id, location_id AS "locationId"`,
    [LOCATIONS],
  );
  const { rows: runs } = await database.query<{ id: number }>(
    `INSERT INTO forecast_runs (model, business_date, horizon_days, series_count, levels, members, sum_inflation, published_at)
     SELECT m.id, c.business_date, $1, $2, r.levels, r.members, r.sum_inflation, now()
     FROM data_clock c, model_versions m JOIN forecast_runs r ON r.model = m.id ORDER BY r.id LIMIT 1 RETURNING id`,
    [HORIZON, PRODUCTS * LOCATIONS],
  );
  const keys = [runs[0].id, products.map(({ id }) => id), locations.map(({ id }) => id)];
  for (const [table, column, value] of [
    ['run_series', 'published_at', 'now()'],
    ['forecast_series', '', ''],
  ])
    await database.query(
      `INSERT INTO ${table} (product, location, run, data_sufficiency, segment, dispersion${column && `, ${column}`})
       SELECT p, l, $1, 'full', 'smooth', 1${value && `, ${value}`} FROM unnest($2::int[]) p, unnest($3::int[]) l`,
      keys,
    );
  await database.query(
    `INSERT INTO forecasts (product, location, run, forecast_date, mean, p10, p50, p90, confidence, quantiles, members)
     SELECT p, l, $1, c.business_date + h, m, m / 2, m, m * 2, 0.5, array_fill(m, ARRAY[11]), array_fill(m, ARRAY[8])
     FROM data_clock c, unnest($2::int[]) p, unnest($3::int[]) l, generate_series(1, ${HORIZON}) h,
       LATERAL (SELECT (1 + (p * 31 + l * 7 + h) % 50)::real AS m) v`,
    keys,
  );
  await database.query('VACUUM ANALYZE forecasts, forecast_series, run_series');
  await database.query('UPDATE forecast_clock SET publications = publications + 1');
  const { rows } = await database.query<{ rows: number }>('SELECT count(*)::int AS rows FROM forecasts');
  return { rows: rows[0].rows, products, locations };
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly Plan: PlanNode;
  readonly 'Planning Time': number;
  readonly 'Execution Time': number;
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Reads of single series that nothing has cached, by the database alone and through the API. */
export async function measurePointReads(
  system: RunningSystem,
  database: Client,
): Promise<{ figures: Figure[]; notes: string[] }> {
  const { rows, products, locations } = await fill(database);
  await sleep(1000);
  const pick = (i: number) => ({
    product: products[(i * 7919) % products.length],
    location: locations[(i * 104_729) % locations.length],
  });
  const inDatabase: number[] = [];
  const indexes = new Set<string>();
  for (let i = 0; i < READS; i++) {
    const { product, location } = pick(i);
    const { rows: explained } = await database.query<{ 'QUERY PLAN': [Explained] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${CURRENT_SERIES}`,
      [product.id, location.id, null, null, null],
    );
    const [{ Plan: plan, 'Planning Time': planning, 'Execution Time': execution }] = explained[0]['QUERY PLAN'];
    inDatabase.push(planning + execution);
    const reads = nodesOf(plan).filter((node) => node['Relation Name'] === 'forecasts');
    if (!reads.length || reads.some((node) => node['Node Type'] === 'Seq Scan'))
      throw new Error(`The days are read by ${reads.map((node) => node['Node Type']).join(', ')}`);
    for (const node of nodesOf(plan)) if (node['Index Name']) indexes.add(node['Index Name']);
  }
  const byKey: number[] = [];
  for (let i = 0; i < READS; i += 10) {
    const start = performance.now();
    const { rows: items } = await database.query(
      'SELECT sk, forecast_val FROM forecast_items WHERE pk = $1 AND sk LIKE $2 ORDER BY sk',
      [`SKU#BULK-${1 + ((i * 7919) % PRODUCTS)}`, `LOC#BULK-${1 + (i % LOCATIONS)}#%`],
    );
    byKey.push(performance.now() - start);
    if (items.length !== HORIZON) throw new Error(`${items.length} items were found by pk and sk`);
  }
  const headers = { authorization: `Bearer ${system.client.token}` };
  const throughApi: number[] = [];
  for (let i = READS; i < 2 * READS; i++) {
    const { product, location } = pick(i);
    const start = performance.now();
    const answer = await fetch(
      `${system.origin}/api/v1/forecasts/${product.productId}?location_id=${location.locationId}`,
      { headers },
    );
    await answer.arrayBuffer();
    throughApi.push(performance.now() - start);
    if (answer.status !== 200 || answer.headers.get('x-cache') !== 'MISS')
      throw new Error(`A read was answered by ${answer.status}, ${answer.headers.get('x-cache')}`);
  }
  return {
    figures: [
      {
        name: `point read of ${rows.toLocaleString('en')} rows: p99 of planning and execution in the database`,
        value: percentile(inDatabase, 0.99),
        unit: 'ms',
        target: { atMost: 10 },
      },
      {
        name: 'point read: median in the database',
        value: percentile(inDatabase, 0.5),
        unit: 'ms',
      },
      { name: 'items by pk and the beginning of sk: median', value: percentile(byKey, 0.5), unit: 'ms' },
      {
        name: 'point read through the API, nothing cached: p95',
        value: percentile(throughApi, 0.95),
        unit: 'ms',
        target: { atMost: 10 },
      },
      { name: 'point read through the API, nothing cached: median', value: percentile(throughApi, 0.5), unit: 'ms' },
    ],
    notes: [`point reads use the indexes ${[...indexes].sort().join(', ')}, as EXPLAIN of every read says`],
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createRng } from '../../src/engine/index.ts';
import { isoDay } from '../../src/sample/calendar.ts';
import { cpuSecondsOf, memoryOf, type Figure } from '../report.ts';
import { ADMIN, startSystem, type RunningSystem } from '../running-system.ts';
import type { IngestResult } from './sections.ts';

interface Upload {
  readonly report: { readonly rows_read: number; readonly seconds: { readonly parse: number; readonly load: number } };
}

const MOST_SECONDS = 90;

/** Writes a folder in the layout of M5: items × stores, released one after the other, with prices and a calendar. */
function writeSmallM5(folder: string, items: number, days: number): void {
  const rng = createRng(1);
  const stores = ['CA_1', 'TX_1'];
  const names = Array.from({ length: days }, (_, t) => `d_${t + 1}`);
  const sales = [`id,item_id,dept_id,cat_id,store_id,state_id,${names.join(',')}`];
  const prices = ['store_id,item_id,wm_yr_wk,sell_price'];
  for (const store of stores)
    for (let item = 0; item < items; item++) {
      const released = Math.floor((item / items) * (days / 14)) * 7;
      const units = names.map((_, t) => (t < released ? 0 : Math.floor(rng() * 4)));
      const name = `FOODS_1_${String(item + 1).padStart(3, '0')}`;
      sales.push(`${name}_${store},${name},FOODS_1,FOODS,${store},${store.slice(0, 2)},${units.join(',')}`);
      for (let t = released; t < days; t += 7)
        prices.push(`${store},${name},${11101 + t / 7},${(1 + (item % 9) + 0.25).toFixed(2)}`);
    }
  const calendar = names.map(
    (name, t) =>
      `${isoDay(15_003 + t)},${11101 + Math.floor(t / 7)},${name},${t % 90 === 0 ? 'Fair' : ''},${t % 3 ? 0 : 1}`,
  );
  writeFileSync(join(folder, 'sales_train_evaluation.csv'), `${sales.join('\n')}\n`);
  writeFileSync(join(folder, 'sell_prices.csv'), `${prices.join('\n')}\n`);
  writeFileSync(join(folder, 'calendar.csv'), `date,wm_yr_wk,d,event_name_1,snap_CA\n${calendar.join('\n')}\n`);
}

/** Runs the command as a user does; answers its seconds and the most memory it took, in megabytes. */
async function runImport(system: RunningSystem, folder: string): Promise<{ seconds: number; peak: number }> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['dist/src/local/import.js', '--layout', 'm5', '--data', folder, '--url', system.origin],
    {
      env: { ...process.env, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  let peak = 0;
  const sampler = setInterval(() => {
    if (child.exitCode === null) peak = memoryOf(child.pid as number).peak || peak;
  }, 100);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(sampler);
  if (code !== 0) throw new Error(`the import ended with code ${code}`);
  return { seconds: (performance.now() - started) / 1000, peak };
}

/** Processor seconds of all connections to PostgreSQL that have ended; each load has its own. */
async function endedConnections(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const fields = (pid: number) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  };
  // Fields 4, 16 and 17 of proc(5): the parent, and the ticks of its children that it has waited for.
  const parent = fields(fields(rows[0].pid)[1]);
  await client.end();
  return (parent[13] + parent[14]) / 100;
}

/**
 * Time from the start of `npm run import` with the M5 layout until the sales can be queried, on a fresh system, and once more
 * for the same data.
 * @param data folder with m5/; null = a small data set in the same layout
 */
export async function measureLayouts(data: string | null): Promise<IngestResult> {
  const folder = data === null ? mkdtempSync(join(tmpdir(), 'shelfcast-layouts-')) : join(data, 'm5');
  if (data === null) writeSmallM5(folder, 200, 700);
  const system = await startSystem();
  try {
    const ended = await endedConnections(system.databaseUrl);
    const { seconds, peak } = await runImport(system, folder);
    const began = performance.now();
    const summary = await system.client.get<{ rows: number; series: number }>('/sales-data/summary');
    const total = seconds + (performance.now() - began) / 1000;
    const { items } = await system.client.get<{ items: Upload[] }>('/sales-data/uploads?limit=200');
    const spent = (phase: 'parse' | 'load') => items.reduce((sum, { report }) => sum + report.seconds[phase], 0);
    const cpu = {
      api: cpuSecondsOf(system.api.pid),
      worker: cpuSecondsOf(system.worker.pid),
      database: (await endedConnections(system.databaseUrl)) - ended,
    };
    const again = await runImport(system, folder);
    const figures: Figure[] = [
      {
        name: 'import of the M5 layout, start of the command to queryable',
        value: total,
        unit: 's',
        ...(data === null ? {} : { target: { atMost: MOST_SECONDS } }),
      },
      { name: 'of it rows per second', value: Math.round(summary.rows / total), unit: 'rows/s' },
      { name: 'of it parsing by the worker, summed over uploads', value: spent('parse'), unit: 's' },
      { name: 'of it loading by the database, summed over uploads', value: spent('load'), unit: 's' },
      { name: 'processor time of the API', value: cpu.api, unit: 's' },
      { name: 'processor time of the worker', value: cpu.worker, unit: 's' },
      { name: 'processor time of the loads in PostgreSQL', value: cpu.database, unit: 's' },
      { name: 'import command, peak', value: peak, unit: 'MB' },
      { name: 'import of the same data again', value: again.seconds, unit: 's' },
    ];
    const what = data === null ? 'a small data set' : 'three stores of M5';
    return {
      figures,
      notes: [
        `${what} with prices and calendar, ${summary.rows.toLocaleString('en')} rows of ${summary.series.toLocaleString('en')} series in ${items.length} uploads; command, API, worker and PostgreSQL share the machine`,
      ],
    };
  } finally {
    await system.stop();
    if (data === null) rmSync(folder, { recursive: true, force: true });
  }
}

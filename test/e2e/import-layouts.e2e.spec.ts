import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, startApi, startWorker, TestApi } from '../support/test-app.ts';

const ITEMS = 40;
const DAYS = 120;
const STORES = ['CA_1', 'TX_1'];
const folder = mkdtempSync(join(tmpdir(), 'shelfcast-import-'));
let api: TestApi;
let worker: INestApplicationContext;

const released = (item: number) => (item % 8) * 7;
const unitsOf = (store: number, item: number, t: number) => (t < released(item) ? 0 : (item * 7 + t * 3 + store) % 5);
const priceOf = (item: number) => 2 + (item % 10) / 4;
const dayOf = (t: number) => new Date(Date.UTC(2023, 0, 1 + t)).toISOString().slice(0, 10);

/** What was written, cell by cell. */
const cells = STORES.flatMap((_, store) =>
  Array.from({ length: ITEMS }, (__, item) => item).flatMap((item) =>
    Array.from({ length: DAYS }, (___, t) => t)
      .filter((t) => t >= released(item))
      .map((t) => ({ store, item, t, units: unitsOf(store, item, t) })),
  ),
);

function writeM5(into: string): void {
  mkdirSync(into);
  const names = Array.from({ length: DAYS }, (_, t) => `d_${t + 1}`);
  const item = (i: number) => `FOODS_1_${String(i).padStart(3, '0')}`;
  const sales = STORES.flatMap((store, s) =>
    Array.from(
      { length: ITEMS },
      (_, i) =>
        `${item(i)}_${store},${item(i)},FOODS_1,FOODS,${store},${store.slice(0, 2)},${names.map((__, t) => unitsOf(s, i, t)).join(',')}`,
    ),
  );
  const prices = STORES.flatMap((store) =>
    Array.from({ length: ITEMS }, (_, i) => i).flatMap((i) =>
      Array.from({ length: Math.ceil(DAYS / 7) }, (_, week) => week)
        .filter((week) => week * 7 >= released(i))
        .map((week) => `${store},${item(i)},${11_101 + week},${priceOf(i)}`),
    ),
  );
  const calendar = names.map(
    (name, t) => `${dayOf(t)},${11_101 + Math.floor(t / 7)},${name},${t === 10 ? 'Fair' : ''},${t % 10 ? 0 : 1}`,
  );
  const write = (name: string, lines: string[]) => writeFileSync(join(into, name), `${lines.join('\n')}\n`);
  write('sales_train_validation.csv', [`id,item_id,dept_id,cat_id,store_id,state_id,${names.join(',')}`, ...sales]);
  write('sell_prices.csv', ['store_id,item_id,wm_yr_wk,sell_price', ...prices]);
  write('calendar.csv', ['date,wm_yr_wk,d,event_name_1,snap_TX', ...calendar]);
}

beforeAll(async () => {
  api = await startApi({ UPLOAD_MAX_MEGABYTES: '2' });
  worker = await startWorker(api.config);
  writeM5(join(folder, 'm5'));
});
afterAll(async () => {
  await worker.close();
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the built command as npm does, against the running API. */
async function start(args: readonly string[], environment: Record<string, string> = {}) {
  const url = await api.app.getUrl();
  const child = spawn(process.execPath, ['dist/src/local/import.js', ...args, '--url', url], {
    env: {
      PATH: process.env.PATH,
      INIT_CWD: folder,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...environment,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }));
  return { child, ended };
}
const run = async (...args: string[]) => (await start(args)).ended;
const get = async (path: string) =>
  (await api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`).expect(200)).body;
const sum = (some: typeof cells) => some.reduce((total, { units }) => total + units, 0);

describe('npm run import', () => {
  it('refuses options it cannot follow with a clear message and code 2', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, output: expect.stringMatching(/--layout online-retail/) });
    const unknown = await run('--layout', 'walmart', '--data', 'm5');
    expect(unknown).toMatchObject({
      code: 2,
      output: expect.stringMatching(/--layout walmart: expected m5, favorita/),
    });
    const missing = await run('--layout', 'm5', '--data', 'nowhere');
    expect(missing).toMatchObject({
      code: 2,
      output: expect.stringMatching(/nowhere: there is no such file or folder/),
    });
    const nobody = await run('--layout', 'm5', '--data', 'm5', '--places', 'WI_9');
    expect(nobody).toMatchObject({ code: 2, output: expect.stringMatching(/there is no place WI_9 in it/) });
  });

  it('names file, line and column of what it cannot read, and loads nothing of it', async () => {
    mkdirSync(join(folder, 'bad'));
    const header = 'id,date,store_nbr,item_nbr,unit_sales,onpromotion';
    writeFileSync(join(folder, 'bad', 'train.csv'), `${header}\n0,2015-01-01,1,2,3,\n1,2015-01-02,1,2,some,\n`);
    const bad = await run('--layout', 'favorita', '--data', 'bad');
    expect(bad.code).toBe(2);
    expect(bad.output).toMatch(/train\.csv, line 3, column unit_sales: "some" is not a number/);
    const good = Array.from({ length: 60_000 }, (_, i) => `${i},2015-01-${10 + (i % 20)},1,${i},3,`);
    writeFileSync(join(folder, 'bad', 'train.csv'), `${header}\n${good.join('\n')}\n0,2015-02-30,1,2,3,\n`);
    const late = await run('--layout', 'favorita', '--data', 'bad');
    expect(late).toMatchObject({
      code: 2,
      output: expect.stringMatching(/train\.csv, line 60002, column date: "2015-02-30" is not a date/),
    });
    const wrong = await (await start(['--layout', 'm5', '--data', 'm5'], { ADMIN_PASSWORD: 'not the password' })).ended;
    expect(wrong.code).toBe(1);
    expect((await get('/sales-data/summary')).rows).toBe(0);
  });

  it('counts without a server, and writes the sales to a file', async () => {
    const counted = await run('--layout', 'm5', '--data', 'm5', '--dry-run');
    expect(counted.code).toBe(0);
    expect(counted.output).toContain(`${cells.length.toLocaleString('en')} rows`);
    const written = await run('--layout', 'm5', '--data', 'm5', '--out', 'sales.csv', '--places', 'TX_1');
    expect(written.code).toBe(0);
    const lines = readFileSync(join(folder, 'sales.csv'), 'utf8').trimEnd().split('\n').slice(1);
    expect(lines).toHaveLength(cells.length / 2);
    const none = await run('--layout', 'm5', '--data', 'bad', '--out', 'none.csv');
    expect(none.code).toBe(2);
    expect(readdirSync(folder).filter((name) => name.startsWith('none.csv'))).toEqual([]);
    const own = await run('--layout', 'm5', '--data', 'm5', '--out', 'm5/calendar.csv');
    expect(own).toMatchObject({ code: 2, output: expect.stringMatching(/would replace a file of the data/) });
    expect((await get('/sales-data/summary')).rows).toBe(0);
  });

  it('loads M5 in uploads no larger than the server takes; the same again changes nothing', async () => {
    const { code, output } = await run('--layout', 'm5', '--data', 'm5', '--max-megabytes', '1');
    expect([code, output]).toEqual([0, expect.stringMatching(/Rejected +0, repeated 0/)]);
    const summary = await get('/sales-data/summary');
    expect(summary).toMatchObject({
      rows: cells.length,
      total_quantity: sum(cells),
      business_date: dayOf(DAYS - 1),
      products: ITEMS,
      locations: 2,
    });
    const revenue = cells.reduce((total, { item, units }) => total + units * priceOf(item), 0);
    expect(summary.total_revenue).toBeCloseTo(revenue, 4);
    const uploads = (await get('/sales-data/uploads')).items as { filename: string; bytes: number }[];
    for (const { bytes } of uploads) expect(bytes).toBeLessThanOrEqual(1024 * 1024);

    const { items: products } = await get('/products?limit=100');
    const product = (products as { sku: string; product_id: string; category: string }[]).find(
      ({ sku }) => sku === 'FOODS_1_003',
    );
    expect(product?.category).toBe('FOODS_1');
    const { items: places } = await get('/locations?limit=10');
    const texas = (places as { code: string; location_id: string; region: string }[]).find(
      ({ code: it }) => it === 'TX_1',
    );
    expect(texas?.region).toBe('TX');
    const history = await get(
      `/sales-data/${product?.product_id}?location_id=${texas?.location_id}&from=${dayOf(0)}&to=${dayOf(DAYS - 1)}&limit=500`,
    );
    const own = cells.filter(({ store, item }) => store === 1 && item === 3);
    expect(
      (history.items as { date: string; quantity_sold: number }[]).map((row) => [row.date, row.quantity_sold]),
    ).toEqual(own.map(({ t, units }) => [dayOf(t), units]));
    const events = (await get(`/signals/events?from=${dayOf(0)}&to=${dayOf(DAYS)}`)).items as { name: string }[];
    expect(events.map(({ name }) => name)).toEqual(['Fair']);
    const { stored } = await get('/signals');
    expect(stored).toEqual([expect.objectContaining({ signal: 'local_event', values: 12 })]);

    const again = await run('--layout', 'm5', '--data', 'm5', '--max-megabytes', '1');
    expect(again.code).toBe(0);
    expect((await get('/sales-data/uploads')).items).toHaveLength(uploads.length);
    expect(await get('/sales-data/summary')).toEqual(summary);
  });

  it('fails with code 1 when the server refuses an upload for its size', async () => {
    mkdirSync(join(folder, 'large'));
    const lines = Array.from({ length: 120_000 }, (_, i) => `${i},2015-01-${10 + (i % 20)},1,${i},3,True`);
    const header = 'id,date,store_nbr,item_nbr,unit_sales,onpromotion';
    writeFileSync(join(folder, 'large', 'train.csv'), `${header}\n${lines.join('\n')}\n`);
    const { code, output } = await run('--layout', 'favorita', '--data', 'large');
    expect([code, output]).toEqual([1, expect.stringMatching(/--max-megabytes/)]);
  });

  it('ends at Ctrl-C with its loads cancelled', async () => {
    await worker.close();
    const { child, ended } = await start(['--layout', 'favorita', '--data', 'large', '--max-megabytes', '1']);
    const waiting = async () => {
      const { rows } = await api.database.client.query(
        `SELECT state FROM jobs WHERE kind = 'sales-import' AND state <> 'succeeded'`,
      );
      return (rows as { state: string }[]).map(({ state }) => state);
    };
    for (const deadline = Date.now() + 60_000; Date.now() < deadline && !(await waiting()).length;) await sleep(50);
    child.kill('SIGINT');
    const { code, output } = await ended;
    expect([code, output]).toEqual([130, expect.stringMatching(/Cancelled/)]);
    const states = await waiting();
    expect(states.length).toBeGreaterThan(0);
    expect(new Set(states)).toEqual(new Set(['cancelled']));
    worker = await startWorker(api.config);
  });
});

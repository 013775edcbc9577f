import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeParquet } from '../../src/platform/parquet/index.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';
import { sheetXml, workbook } from '../support/workbook.ts';

interface Job {
  state: string;
  result: Record<string, unknown>;
  error: { code: string; message: string } | null;
}

let api: TestApi;
let worker: INestApplicationContext;
let planner: string;
let serial = 0;

beforeAll(async () => {
  api = await startApi({ UPLOAD_MAX_MEGABYTES: '120' });
  worker = await startWorker(api.config);
  planner = await api.tokenOf('planner');
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

const HEADER = 'date,sku,location,quantity_sold';
const COLUMNS = HEADER.split(',');

/** The same rows (day, SKU, place, units) in each format; days are counted from 1970-01-01. */
const SALES_AS = {
  csv: (rows: readonly [number, string, string, number][]) =>
    Buffer.from(
      [HEADER, ...rows.map(([day, ...rest]) => [new Date(day * 86_400_000).toISOString().slice(0, 10), ...rest])].join(
        '\n',
      ),
    ),
  xlsx: (rows: readonly [number, string, string, number][]) =>
    workbook({
      sheets: { Sales: sheetXml([COLUMNS, ...rows.map(([day, ...rest]) => [{ n: day + 25_569, s: 1 }, ...rest])]) },
    }),
  parquet: async (rows: readonly [number, string, string, number][]) => {
    const folder = mkdtempSync(join(tmpdir(), 'upload-'));
    const path = join(folder, 'sales.parquet');
    const types = ['date', 'text', 'text', 'double'] as const;
    await writeParquet(
      path,
      COLUMNS.map((name, i) => ({ name, type: types[i] })),
      rows,
    );
    const content = readFileSync(path);
    rmSync(folder, { recursive: true });
    return content;
  },
};
const sql = (text: string, values: unknown[] = []) => api.database.client.query(text, values);
const get = (path: string, token = planner) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${token}`);

function send(content: string | Uint8Array, filename = 'sales.csv', token = planner) {
  return api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${token}`)
    .attach('file', Buffer.from(content as string), filename);
}

async function upload(content: string | Uint8Array): Promise<Job> {
  const { body } = await send(content).expect(202);
  expect(body.status_url).toBe(`/api/v1/jobs/${body.job_id as string}`);
  return (await jobEnd(api, body.job_id as string)) as unknown as Job;
}

async function rejectedOf(job: Job): Promise<string> {
  const { text } = await get(`/sales-data/uploads/${job.result.upload_id as string}/rejected`)
    .expect(200)
    .expect('content-type', /^text\/csv/);
  return text;
}

const stored = async (sku: string) =>
  (
    await sql(
      `SELECT date, quantity_sold, price, revenue, on_hand, promotion FROM sales JOIN products p ON p.id = product
       WHERE sku = $1 ORDER BY date`,
      [sku],
    )
  ).rows;
const total = async () => Number((await sql('SELECT count(*) AS n FROM sales')).rows[0].n);

function filesUnder(folder: string): string[] {
  return readdirSync(join(api.config.lakeDir, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

/** `count` good rows of a SKU that no other test uses. */
function goodRows(count: number, sku = `OK-${++serial}`): string {
  return Array.from({ length: count }, (_, i) => {
    const day = new Date(Date.UTC(2021, 0, 1 + i)).toISOString().slice(0, 10);
    return `${day},${sku},S1,${i % 5}\n`;
  }).join('');
}

describe('a file that can be loaded', () => {
  it('is loaded, reported and readable by product', async () => {
    const job = await upload(
      `Date,Item,Store,Units,Price,Cashier\n2024-01-01,M-1,S1,2,10,x\n2024-01-02,M-1,S1,0,10,y\n2024-01-01,M-1,S2,3,20,z\n2024-01-05,M-1,S1,1,,z\n`,
    );
    expect(job.state).toBe('succeeded');
    expect(job.result).toMatchObject({
      state: 'loaded',
      rows_read: 4,
      rows_loaded: 4,
      rows_inserted: 4,
      rows_rejected: 0,
      headers: { Date: 'date', Item: 'sku', Store: 'location', Units: 'quantity_sold', Price: 'price' },
      ignored_columns: ['Cashier'],
      encoding: 'UTF-8',
      delimiter: ',',
      first_date: '2024-01-01',
      last_date: '2024-01-05',
      zero_share: 0.25,
      gaps: { days: 2, stretches: [{ from: '2024-01-03', to: '2024-01-04' }] },
    });
    const products = await get('/products?limit=500').expect(200);
    const { product_id: id } = products.body.items.find((item: { sku: string }) => item.sku === 'M-1');
    const all = await get(`/sales-data/${id}`).expect(200);
    expect(all.body.items).toHaveLength(3);
    expect(all.body.items[0]).toEqual({
      product_id: id,
      location_id: null,
      date: '2024-01-01',
      quantity_sold: 5,
      revenue: 80,
      price: 16,
      created_at: expect.any(String),
    });
    const first = await get(`/sales-data/${id}?limit=2`).expect(200);
    const rest = await get(`/sales-data/${id}?limit=2&cursor=${first.body.next_cursor}`).expect(200);
    expect([...first.body.items, ...rest.body.items]).toEqual(all.body.items);
    expect(rest.body.next_cursor).toBeNull();
    const week = await get(`/sales-data/${id}?grain=week`).expect(200);
    expect(week.body.items).toMatchObject([{ date: '2024-01-01', quantity_sold: 6 }]);
    const places = await get('/locations?limit=500').expect(200);
    const { location_id: s2 } = places.body.items.find((item: { code: string }) => item.code === 'S2');
    const atS2 = await get(`/sales-data/${id}?location_id=${s2}`).expect(200);
    expect(atS2.body.items).toMatchObject([{ location_id: s2, quantity_sold: 3, revenue: 60, price: 20 }]);
    const restricted = await api.tokenOf('planner', [s2]);
    const seen = await get(`/sales-data/${id}`, restricted).expect(200);
    expect(seen.body.items).toMatchObject([{ location_id: null, quantity_sold: 3 }]);
    expect((await get('/sales-data/summary', restricted).expect(200)).body).toMatchObject({ rows: 1, locations: 1 });
    await send(`${HEADER}\n`, 'x.csv', restricted).expect(403);
  });

  it.each([
    ['BOM and CRLF', `\ufeff${HEADER}\r\n2024-02-01,V-1,S1,4\r\n`],
    ['CR', `${HEADER}\r2024-02-01,V-1,S1,4\r`],
    ['semicolons and decimal commas', `date;sku;location;quantity_sold\n2024-02-01;V-1;S1;4,0\n`],
    ['tabs', `${HEADER.replaceAll(',', '\t')}\n2024-02-01\tV-1\tS1\t4\n`],
    ['pipes', `${HEADER.replaceAll(',', '|')}\n2024-02-01|V-1|S1|4`],
    ['quotes', `"date","sku","location","quantity_sold"\n"2024-02-01","V-1","S1","4"\n`],
    ['blank lines', `\n${HEADER}\n\n2024-02-01,V-1,S1,4\n,,,\n\n`],
    ['gzip', gzipSync(`${HEADER}\n2024-02-01,V-1,S1,4\n`)],
  ])('may have %s', async (_name, content) => {
    const { state, result } = await upload(content);
    expect({ state, rows: result.rows_loaded, rejected: result.rows_rejected }).toEqual({
      state: 'succeeded',
      rows: 1,
      rejected: 0,
    });
    expect(await stored('V-1')).toMatchObject([{ date: '2024-02-01', quantity_sold: 4 }]);
  });

  it('reads Latin-1 and embedded line ends, and says so', async () => {
    const content = Buffer.from(
      `${HEADER},name\n2024-02-01,L-1,S1,4,"Caf\xe9 ""au""\n lait"\n2024-02-02,L-1,S1,5,x\n`,
      'latin1',
    );
    const job = await upload(content);
    expect(job.result).toMatchObject({ encoding: 'Latin-1', rows_read: 2, rows_loaded: 2 });
    const names = await sql(`SELECT name FROM products WHERE sku = 'L-1'`);
    expect(names.rows).toEqual([{ name: 'Café "au" lait' }]);
    const quoted = await upload(
      Buffer.from(
        `${HEADER},name\n${goodRows(40, 'L-3').replaceAll('\n', ',n\n')}2024-02-01,L-2,S1,4,Caf\xe9\n`,
        'latin1',
      ),
    );
    expect(quoted.result).toMatchObject({ encoding: 'Latin-1', rows_loaded: 41 });
    const { rows } = await sql(`SELECT name FROM products WHERE sku = 'L-2'`);
    expect(rows).toEqual([{ name: 'Café' }]);
  });

  it('takes public ids, derives revenue and price, and keeps what a later file leaves out', async () => {
    await upload(`${HEADER},price,on_hand,promotion\n2024-03-01,U-1,S1,2,5,9,yes\n`);
    const { rows } = await sql(
      `SELECT product_id, location_id FROM products, locations WHERE sku = 'U-1' AND code = 'S1'`,
    );
    const again = await upload(
      `date,product_id,location_id,quantity_sold,revenue\n2024-03-01,${rows[0].product_id},${rows[0].location_id},4,16\n2024-03-02,U-1,S1,1,\n`,
    );
    expect(again.result).toMatchObject({ rows_inserted: 1, rows_updated: 1, products_new: 0, products: 1 });
    expect(await stored('U-1')).toEqual([
      { date: '2024-03-01', quantity_sold: 4, price: 4, revenue: 16, on_hand: 9, promotion: 1 },
      { date: '2024-03-02', quantity_sold: 1, price: null, revenue: null, on_hand: null, promotion: null },
    ]);
    const same = await upload(`${HEADER}\n2024-03-02,U-1,S1,1\n`);
    expect(same.result).toMatchObject({ rows_inserted: 0, rows_updated: 0, rows_unchanged: 1 });
  });

  it('is loaded once, also when it is sent twenty times at once', async () => {
    const content = `${HEADER}\n${goodRows(50)}`;
    const before = await total();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(content).expect(202)));
    const ids = new Set(answers.map(({ body }) => body.job_id as string));
    expect(ids.size).toBe(1);
    const job = (await jobEnd(api, [...ids][0])) as unknown as Job;
    expect(job.result).toMatchObject({ rows_inserted: 50 });
    expect((await send(content).expect(202)).body.job_id).toBe([...ids][0]);
    expect(await total()).toBe(before + 50);
    const { rows } = await sql(`SELECT object_key FROM uploads WHERE job_id = $1`, [[...ids][0]]);
    expect(rows).toHaveLength(1);
    const { rows: uploads } = await sql(`SELECT count(*)::int AS n FROM uploads`);
    expect(filesUnder('raw')).toHaveLength(uploads[0].n as number);
  });

  it('keeps the summary equal to the rows', async () => {
    const { body } = await get('/sales-data/summary').expect(200);
    const { rows } = await sql(
      `SELECT count(*)::int AS rows, sum(quantity_sold)::float AS quantity, coalesce(sum(revenue), 0)::float AS revenue,
         count(DISTINCT product)::int AS products, count(DISTINCT (product, location))::int AS series,
         count(*) FILTER (WHERE quantity_sold = 0)::float / count(*) AS zero, max(date) AS last FROM sales`,
    );
    expect(body).toMatchObject({ rows: rows[0].rows, products: rows[0].products, series: rows[0].series });
    expect(body.total_quantity).toBeCloseTo(rows[0].quantity as number, 6);
    expect(body.total_revenue).toBeCloseTo(rows[0].revenue as number, 6);
    expect(body.zero_share).toBeCloseTo(rows[0].zero as number, 12);
    expect(body.business_date).toBe(rows[0].last);
  });
});

describe('bad rows', () => {
  it('go to the rejected file with line and reason, and the rest loads', async () => {
    const future = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const bad = [
      ['2024-02-30,B,S1,1', 'date: is not an existing day'],
      ['2024-02-01T24:30:00,B,S1,1', 'date: is not an existing day'],
      [`${future},B,S1,1`, 'date: lies in the future'],
      ['1989-12-31,B,S1,1', 'date: lies before 1990'],
      [',B,S1,1', 'date: is empty'],
      ['2024-02-01,B,S1,-1', 'quantity_sold: is negative'],
      ['2024-02-01,B,S1,NaN', 'quantity_sold: is not a number'],
      ['2024-02-01,B,S1,Infinity', 'quantity_sold: is not a number'],
      ['2024-02-01,B,S1,0x10', 'quantity_sold: is not a number'],
      ['2024-02-01,B,S1,"1,000"', 'quantity_sold: is not a number'],
      ['2024-02-01,B,S1,', 'quantity_sold: is empty'],
      ['2024-02-01,,S1,1', 'sku: is empty'],
      ['2024-02-01,B,,1', 'location: is empty'],
      [`2024-02-01,${'x'.repeat(201)},S1,1`, 'sku: is too long'],
      ['2024-02-01;B;S1;1', 'columns: not as many'],
      ['2024-02-01,B,S1,1,9', 'columns: not as many'],
      ['2024-02-01,B"C,S1,1', 'quotes: quote inside'],
    ];
    const rows = goodRows(400);
    const job = await upload(`${HEADER}\n${bad.map(([row]) => `${row}\n`).join('')}${rows}`);
    expect(job.result).toMatchObject({ state: 'loaded', rows_read: 417, rows_loaded: 400, rows_rejected: bad.length });
    const lines = (await rejectedOf(job)).trim().split('\r\n');
    expect(lines[0]).toBe('line,reason,row');
    expect(lines).toHaveLength(bad.length + 1);
    bad.forEach(([, reason], i) => expect(lines[i + 1]).toContain(`${i + 2},"${reason}`));
    expect(await stored('B')).toEqual([]);
  });

  it('cannot carry a formula into a spreadsheet', async () => {
    const job = await upload(`${HEADER}\n=1+1,A,S1,1\n${goodRows(100)}`);
    expect(await rejectedOf(job)).toContain(`"'=1+1,A,S1,1"`);
  });

  it('that repeat a key lose to the first; alike ones are no fault', async () => {
    const job = await upload(
      `${HEADER}\n2024-04-01,D-1,S1,1\n2024-04-01,D-1,S1,1\n2024-04-01,D-1,S1,7\n${goodRows(60)}`,
    );
    expect(job.result).toMatchObject({ state: 'loaded', rows_loaded: 61, rows_duplicate: 2, rows_conflicting: 1 });
    expect(await stored('D-1')).toMatchObject([{ quantity_sold: 1 }]);
    const text = await rejectedOf(job);
    expect(text).toContain('3,"duplicate of line 2"');
    expect(text).toContain('4,"duplicate of line 2"');
  });

  it('of 5 % and more hold the file until an administrator releases it', async () => {
    const before = await total();
    const job = await upload(`${HEADER}\n2024-02-01,H-1,S1,x\n${goodRows(19)}`);
    expect(job.result).toMatchObject({ state: 'held', rows_loaded: 0, bad_share: 0.05 });
    expect(await total()).toBe(before);
    const path = `/api/v1/sales-data/uploads/${job.result.upload_id as string}`;
    const release = (token: string) => api.http.post(`${path}/release`).set('authorization', `Bearer ${token}`);
    await release(planner).expect(403);
    const { body } = await release(api.adminToken).expect(202);
    const released = (await jobEnd(api, body.job_id as string)) as unknown as Job;
    expect(released.result).toMatchObject({ state: 'loaded', rows_inserted: 19 });
    expect(await total()).toBe(before + 19);
    expect((await release(api.adminToken).expect(202)).body.job_id).toBe(body.job_id);
  });
});

describe('a file that cannot be loaded', () => {
  it.each([
    ['no rows', `${HEADER}\n`, 'FILE_WITHOUT_ROWS', 'no rows'],
    ['nothing but line ends', '\n\n', 'FILE_EMPTY', 'empty'],
    ['a column missing', 'date,sku,quantity_sold\n2024-01-01,a,1\n', 'COLUMN_MISSING', 'location'],
    ['a column twice', `${HEADER},sku\n2024-01-01,a,S1,1,b\n`, 'COLUMN_REPEATED', 'sku'],
    ['other text', 'hello world\nthis is no table\n', 'COLUMN_MISSING', 'date, sku, location, quantity_sold'],
    [
      'truncated gzip',
      gzipSync(`${HEADER}\n${goodRows(5000, 'TRUNCATED')}`).subarray(0, 8000),
      'FILE_TRUNCATED',
      'ends too early',
    ],
    ['a damaged workbook inside gzip', gzipSync(Buffer.from('504b0304aabbccdd', 'hex')), 'FILE_CORRUPT', 'workbook'],
    ['a damaged Parquet file', Buffer.from('PAR1xxxxxxxxPAR1'), 'FILE_CORRUPT', 'Parquet'],
    [
      'a workbook with macros',
      workbook({ sheets: { S: '' }, parts: { 'xl/vbaProject.bin': 'x' } }),
      'WORKBOOK_MACROS',
      'macros',
    ],
    ['zero bytes late', `${HEADER}\n${goodRows(3000, 'NUL')}2021-01-01,a\0,S1,1\n`, 'FILE_NOT_TEXT', 'binary'],
  ])('fails with a code: %s', async (_name, content, code, message) => {
    const before = await total();
    const job = await upload(content);
    expect(job).toMatchObject({ state: 'failed', error: { code, message: expect.stringContaining(message) } });
    expect(await total()).toBe(before);
  });

  it('does not fill the memory with a line of 100 MB', async () => {
    const job = await upload(gzipSync(Buffer.alloc(100 * 1024 * 1024, 'a')));
    expect(job).toMatchObject({ state: 'failed', error: { code: 'LINE_TOO_LONG' } });
  });

  it.each([
    ['protected.xlsx', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), /password/],
    ['protected.parquet', Buffer.from('PARExxxxPARE'), /encrypted/],
    ['image.png', Buffer.from('89504e470d0a1a0a0000', 'hex'), /PNG/],
    ['utf16.csv', Buffer.from(`${HEADER}\n`, 'utf16le'), /UTF-16/],
    ['binary.csv', Buffer.from('date,\0\0\0\u0001sku'), /binary/],
  ])('is refused at once by its first bytes: %s', async (name, content, detail) => {
    const { body } = await send(content, name)
      .expect(415)
      .expect('content-type', /problem\+json/);
    expect(body.detail).toMatch(detail);
  });

  it.each(['xlsx', 'parquet', 'csv'] as const)('loads the same rows from %s, and says what it was', async (format) => {
    const sku = `FORMAT-${format}`;
    const rows: [number, string, string, number][] = [
      [19_657, sku, 'S1', 4],
      [19_658, sku, 'S1', 2.5],
      [19_659, sku, 'S1', -1],
      ...Array.from({ length: 30 }, (_, day): [number, string, string, number] => [19_700 + day, sku, 'S1', day]),
    ];
    const job = await upload(await SALES_AS[format](rows));
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { format, rows_read: 33, rows_loaded: 32, reasons: [{ reason: 'quantity_sold: is negative', rows: 1 }] },
    });
    expect(await rejectedOf(job)).toMatch(/^line,reason,row\r\n4,/);
    const loaded = await stored(sku);
    expect(loaded.slice(0, 2)).toMatchObject([
      { date: '2023-10-27', quantity_sold: 4 },
      { date: '2023-10-28', quantity_sold: 2.5 },
    ]);
  });

  it('may come again after it failed', async () => {
    const content = `${HEADER}\n`;
    const first = await send(content).expect(202);
    await jobEnd(api, first.body.job_id as string);
    const second = await send(content).expect(202);
    expect(second.body.job_id).not.toBe(first.body.job_id);
    await jobEnd(api, second.body.job_id as string);
  });
});

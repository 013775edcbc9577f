import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { factKey, setClock, storeSales } from '../support/stored-forecasts.ts';
import { startApi, TestApi } from '../support/test-app.ts';

let api: TestApi;
let planner: string;
let product: string;
let places: string[];

const post = async (path: string, body: object): Promise<Record<string, string>> => {
  const { body: answer } = await call('post', path).send(body).expect(201);
  return answer;
};

function call(method: 'get' | 'post' | 'put', path: string, token: string = planner) {
  return api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${token}`);
}

beforeAll(async () => {
  api = await startApi();
  planner = await api.tokenOf('planner');
  product = (await post('/products', { sku: 'A', name: 'Apples' })).product_id;
  places = [];
  for (const code of ['S3', 'S1', 'S2'])
    places.push((await post('/locations', { code, name: `Store ${code}` })).location_id);
});
afterAll(async () => api.stop());

const path = (place: string, of: string = product) => `/inventory/${of}?location_id=${place}`;

describe('stock of one place', () => {
  it('is unknown, then what was stated, and stating it again changes nothing', async () => {
    const unknown = await call('get', path(places[0])).expect(200);
    expect(unknown.body).toEqual({
      product_id: product,
      location_id: places[0],
      on_hand: null,
      on_order: 0,
      lots: [],
      source: 'unknown',
      as_of: null,
      updated_at: null,
    });
    const body = { on_hand: 12.5, on_order: 4, lots: [{ quantity: 5, expires_on: '2016-05-25' }], as_of: '2016-05-22' };
    const stated = await call('put', path(places[0])).set('if-match', unknown.headers.etag).send(body).expect(200);
    expect(stated.body).toMatchObject({ ...body, source: 'stated' });
    const again = await call('put', path(places[0])).send(body).expect(200);
    expect(again.body).toEqual(stated.body);
    expect(again.headers.etag).toBe(stated.headers.etag);
    const read = await call('get', path(places[0])).expect(200);
    expect(read.body).toEqual(stated.body);
    await call('get', path(places[0])).set('if-none-match', read.headers.etag).expect(304);
    const { rows } = await api.database.client.query(`SELECT 1 FROM audit_log WHERE action = 'stock.stated'`);
    expect(rows).toHaveLength(1);
  });

  it('refuses a stale copy', async () => {
    const first = await call('put', path(places[1])).send({ on_hand: 1 }).expect(200);
    await call('put', path(places[1])).set('if-match', first.headers.etag).send({ on_hand: 2 }).expect(200);
    const stale = await call('put', path(places[1])).set('if-match', first.headers.etag).send({ on_hand: 3 });
    expect(stale.status).toBe(412);
    expect((await call('get', path(places[1]))).body.on_hand).toBe(2);
  });

  it('takes many statements at once without losing the row', async () => {
    const other = (await post('/products', { sku: 'AT-ONCE', name: 'At once' })).product_id;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => call('put', path(places[0], other)).send({ on_hand: i })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ headers }) => headers.etag as string)).size).toBe(8);
  });

  it.each([
    [{ on_hand: -1 }, 'on_hand'],
    [{ on_hand: 'NaN' }, 'on_hand'],
    [{}, 'on_hand'],
    [{ on_hand: 1, on_order: -1 }, 'on_order'],
    [{ on_hand: 1, on_order: null }, 'on_order'],
    [{ on_hand: 1, lots: [{ quantity: 2, expires_on: '2016-05-25' }] }, 'lots'],
    [{ on_hand: 1, lots: [{ quantity: 1, expires_on: '2016-02-30' }] }, 'lots.0.expires_on'],
    [{ on_hand: 1, lots: [{ quantity: -1, expires_on: '2016-02-28' }] }, 'lots.0.quantity'],
    [{ on_hand: 1, as_of: '2016-13-01' }, 'as_of'],
    [{ on_hand: 1, colour: 'red' }, 'colour'],
  ])('refuses %j and names the field', async (body, field) => {
    const { status, body: problem } = await call('put', path(places[2])).send(body);
    expect(status).toBe(400);
    expect(problem.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it('needs a known product and place', async () => {
    await call('put', `/inventory/${product}`).send({ on_hand: 1 }).expect(400);
    await call('put', path(randomUUID())).send({ on_hand: 1 }).expect(404);
    await call('get', path(places[0], randomUUID())).expect(404);
    await call('get', '/inventory/apples').expect(400);
  });
});

describe('stock of all places', () => {
  it('comes in pages by location code', async () => {
    const first = await call('get', `/inventory/${product}?limit=2`).expect(200);
    const second = await call('get', `/inventory/${product}?limit=2&cursor=${first.body.next_cursor}`).expect(200);
    const ids = [...first.body.items, ...second.body.items].map((item: { location_id: string }) => item.location_id);
    expect(ids).toEqual([places[1], places[2], places[0]]);
    expect(second.body.next_cursor).toBeNull();
    await call('get', `/inventory/${product}?cursor=nonsense`).expect(400);
  });

  it('falls back on the stock that came with the sales', async () => {
    const other = (await post('/products', { sku: 'FED', name: 'Fed' })).product_id;
    const { client } = api.database;
    const key = await factKey(client, 'products', other);
    const location = await factKey(client, 'locations', places[0]);
    await storeSales(client, { product: key, location, units: 1, onHand: 7 }, '2016-05-01', '2016-05-22');
    await setClock(client, '2016-05-01', '2016-05-22');
    const { body } = await call('get', path(places[0], other)).expect(200);
    expect(body).toMatchObject({ on_hand: 7, on_order: 0, source: 'sales_feed', as_of: '2016-05-22' });
    const { body: stated } = await call('put', path(places[0], other)).send({ on_hand: 9 }).expect(200);
    expect(stated).toMatchObject({ on_hand: 9, source: 'stated', as_of: '2016-05-22' });
  });
});

describe('snapshot', () => {
  it('states many at once and is idempotent', async () => {
    const sku = 'SNAP';
    const id = (await post('/products', { sku, name: 'Snap' })).product_id;
    await call('put', path(places[0], id))
      .send({ on_hand: 3, on_order: 6, lots: [{ quantity: 3, expires_on: '2016-06-01' }] })
      .expect(200);
    const rows = [
      { sku, location: 'S3', on_hand: 3 },
      { product_id: id, location_id: places[1], on_hand: 8, on_order: 2 },
    ];
    const { body } = await call('post', '/inventory/snapshot').send(rows).expect(200);
    expect(body).toEqual({ rows: 2, changed: 1 });
    expect((await call('get', path(places[0], id))).body).toMatchObject({ on_hand: 3, on_order: 6, lots: [{}] });
    expect((await call('get', path(places[1], id))).body).toMatchObject({ on_hand: 8, on_order: 2 });
    expect((await call('post', '/inventory/snapshot').send(rows).expect(200)).body).toEqual({ rows: 2, changed: 0 });
    await call('post', '/inventory/snapshot')
      .send([{ ...rows[0], on_hand: 2 }])
      .expect(200);
    expect((await call('get', path(places[0], id))).body).toMatchObject({ on_hand: 2, on_order: 6, lots: [] });
  });

  it('changes nothing when one row is wrong, and names it', async () => {
    const before = (await call('get', path(places[0]))).body;
    const good = { sku: 'A', location: 'S3', on_hand: 77 };
    for (const [bad, field] of [
      [{ ...good, location: 'S1', on_hand: -1 }, '[1].on_hand'],
      [{ ...good, location: 'nowhere' }, '[1].location'],
      [{ ...good, location: 'S1', sku: 'nothing' }, '[1].sku'],
      [good, '[1]'],
    ] as const) {
      const { status, body } = await call('post', '/inventory/snapshot').send([good, bad]);
      expect(status).toBe(400);
      expect(body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
    }
    expect((await call('get', path(places[0]))).body).toEqual(before);
  });

  it('takes 5,000 rows and no more', async () => {
    const { client } = api.database;
    await client.query(`INSERT INTO products (sku, name) SELECT 'B' || i, 'Bulk' FROM generate_series(1, 5001) i`);
    const rows = Array.from({ length: 5001 }, (_, i) => ({ sku: `B${i + 1}`, location: 'S1', on_hand: i }));
    await call('post', '/inventory/snapshot').send(rows).expect(400);
    const { body } = await call('post', '/inventory/snapshot').send(rows.slice(1)).expect(200);
    expect(body).toEqual({ rows: 5000, changed: 5000 });
    const { rows: sums } = await client.query(
      `SELECT sum(on_hand) AS sum FROM stock JOIN products p ON p.id = product WHERE sku LIKE 'B%'`,
    );
    expect(Number(sums[0].sum)).toBe((5000 * 5001) / 2);
  });
});

describe('access', () => {
  it('is for planners', async () => {
    const viewer = await api.tokenOf('viewer');
    await call('get', path(places[0]), viewer).expect(403);
    await call('put', path(places[0]), viewer).send({ on_hand: 1 }).expect(403);
    await call('post', '/inventory/snapshot', viewer).send([]).expect(403);
  });

  it('ends at the places of the caller', async () => {
    const limited = await api.tokenOf('planner', [places[1]]);
    const { body } = await call('get', `/inventory/${product}`, limited).expect(200);
    expect(body.items.map((item: { location_id: string }) => item.location_id)).toEqual([places[1]]);
    await call('get', path(places[0]), limited).expect(404);
    await call('put', path(places[0]), limited).send({ on_hand: 1 }).expect(404);
    const foreign = [{ sku: 'A', location: 'S3', on_hand: 1 }];
    await call('post', '/inventory/snapshot', limited).send(foreign).expect(400);
  });
});

describe('stockouts', () => {
  it('are counted for alarms by the latest known stock of what is on sale', async () => {
    const { client } = api.database;
    await client.query('DELETE FROM stock');
    await client.query('DELETE FROM sales_series');
    const other = (await post('/products', { sku: 'GONE', name: 'Sold out' })).product_id;
    const removed = (await post('/products', { sku: 'REMOVED', name: 'No longer sold' })).product_id;
    const locations = await client.query<{ code: string; id: number }>(`SELECT code, id FROM locations`);
    const keyOf = (code: string) => locations.rows.find((row) => row.code === code)?.id;
    const products = await client.query<{ id: number; product_id: string }>('SELECT id, product_id FROM products');
    const productKey = (id: string) => products.rows.find((row) => row.product_id === id)?.id;
    const reported = (of: string, code: string, onHand: number) =>
      client.query(
        `INSERT INTO sales_series (product, location, sales_rows, first_date, last_date, on_hand, on_hand_date)
         VALUES ($1, $2, 1, '2016-05-01', '2016-05-01', $3, '2016-05-01')`,
        [productKey(of), keyOf(code), onHand],
      );
    await reported(other, 'S1', 0);
    await reported(other, 'S2', 0);
    await reported(other, 'S3', 4);
    await reported(product, 'S1', 7);
    await reported(removed, 'S1', 0);
    // What was stated comes before what the sales said.
    await call('put', path(places[2], other)).send({ on_hand: 5 }).expect(200);
    await call('put', path(places[1], product)).send({ on_hand: 0 }).expect(200);
    await client.query('UPDATE products SET deleted_at = now() WHERE product_id = $1', [removed]);
    const { text } = await api.http.get('/metrics').set('authorization', `Bearer ${api.adminToken}`).expect(200);
    expect(/^stockout_count (\d+)$/m.exec(text)?.[1]).toBe('2');
  });
});

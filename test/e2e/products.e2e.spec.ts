import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startApi, TestApi } from '../support/test-app.ts';

let api: TestApi;
let planner: string;
let count = 0;

beforeAll(async () => {
  api = await startApi();
  planner = await api.tokenOf('planner');
});
afterAll(async () => api.stop());

function call(method: 'get' | 'post' | 'put' | 'delete', path: string, token: string = planner) {
  return api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${token}`);
}

const FIELDS = {
  sku: 'MILK-500',
  name: 'Toned milk 500 ml',
  category: 'Dairy',
  current_price: 27.5,
  unit_cost: 24.25,
  lead_time_days: 1,
  lead_time_std_days: 0.25,
  pack_size: 12,
  min_order_quantity: 24,
  shelf_life_days: 3,
  listed_from: '2024-01-01',
  listed_until: null,
  service_level: 0.97,
  attributes: { brand: 'Amul', organic: false, weight_g: 500 },
};
const nextSku = () => `SKU-${String(++count).padStart(4, '0')}`;

async function add(fields: object = {}) {
  const answer = await call('post', '/products')
    .send({ sku: nextSku(), name: 'Something', ...fields })
    .expect(201);
  return { ...answer.body, etag: answer.headers.etag } as { product_id: string; sku: string; etag: string };
}

describe('products', () => {
  it('are added, read, replaced and deleted', async () => {
    const created = await call('post', '/products').send(FIELDS).expect(201);
    const { product_id, created_at, updated_at } = created.body;
    expect(created.body).toEqual({ ...FIELDS, product_id, created_at, updated_at });
    const path = `/products/${product_id}`;
    expect(created.headers.location).toBe(`/api/v1${path}`);
    const read = await call('get', path).expect(200);
    expect(read.body).toEqual(created.body);
    expect(read.headers.etag).toBe(created.headers.etag);
    await call('get', path).set('if-none-match', `"x", W/${read.headers.etag}`).expect(304);
    const replaced = await call('put', path)
      .set('if-match', read.headers.etag)
      .send({ sku: 'MILK-500', name: 'Milk', current_price: 30 })
      .expect(200);
    expect(replaced.body).toEqual({
      product_id,
      sku: 'MILK-500',
      name: 'Milk',
      category: 'Uncategorised',
      current_price: 30,
      unit_cost: null,
      lead_time_days: 7,
      lead_time_std_days: 0,
      pack_size: 1,
      min_order_quantity: 0,
      shelf_life_days: null,
      listed_from: null,
      listed_until: null,
      service_level: 0.95,
      attributes: {},
      created_at,
      updated_at: expect.any(String),
    });
    expect(replaced.body.updated_at > updated_at).toBe(true);
    await call('get', path).set('if-none-match', read.headers.etag).expect(200);
    await call('put', path).set('if-match', read.headers.etag).send(FIELDS).expect(412);
    await call('delete', path).expect(204);
    await call('get', path).expect(404);
    await call('put', path).send(FIELDS).expect(404);
    await call('delete', path).expect(404);
    const { rows } = await api.database.client.query(
      `SELECT price::float AS price FROM price_history JOIN products ON products.id = product
       WHERE product_id = $1 ORDER BY price_history.id`,
      [product_id],
    );
    expect(rows).toEqual([{ price: 27.5 }, { price: 30 }]);
    const audit = await api.database.client.query(
      `SELECT action, before->>'current_price' AS before, after->>'current_price' AS after FROM audit_log
       WHERE entity_id = $1 ORDER BY id`,
      [product_id],
    );
    expect(audit.rows).toEqual([
      { action: 'product.created', before: null, after: '27.5' },
      { action: 'product.updated', before: '27.5', after: '30' },
      { action: 'product.deleted', before: '30', after: null },
    ]);
    // The SKU is free again.
    await call('post', '/products').send(FIELDS).expect(201);
  });

  it('keep one SKU each, also when twenty ask at once', async () => {
    const sku = nextSku();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call('post', '/products').send({ sku, name: 'Twin' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
    const other = await add();
    const { body } = await call('put', `/products/${other.product_id}`).send({ sku, name: 'Twin' }).expect(409);
    expect(body.errors[0].field).toBe('sku');
  });

  it('let one of twenty replace the version all of them read', async () => {
    const { product_id, etag } = await add();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        call('put', `/products/${product_id}`)
          .set('if-match', etag)
          .send({ sku: `RACE-${i}`, name: 'Race' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(412)]);
  });

  it.each([
    [{ sku: '' }, 'sku'],
    [{ sku: '   ' }, 'sku'],
    [{ sku: 'x'.repeat(201) }, 'sku'],
    [{ sku: 5 }, 'sku'],
    [{ name: 'line\nbreak' }, 'name'],
    [{ name: 'nul\u0000' }, 'name'],
    [{ name: null }, 'name'],
    [{ category: null }, 'category'],
    [{ current_price: -1 }, 'current_price'],
    [{ current_price: 1e12 }, 'current_price'],
    [{ current_price: '5' }, 'current_price'],
    [{ current_price: 0.00001 }, 'current_price'],
    [{ unit_cost: {} }, 'unit_cost'],
    [{ lead_time_days: 1.5 }, 'lead_time_days'],
    [{ lead_time_days: null }, 'lead_time_days'],
    [{ lead_time_std_days: -0.1 }, 'lead_time_std_days'],
    [{ pack_size: 0 }, 'pack_size'],
    [{ min_order_quantity: -1 }, 'min_order_quantity'],
    [{ shelf_life_days: 0 }, 'shelf_life_days'],
    [{ listed_from: '2025-02-30' }, 'listed_from'],
    [{ listed_from: '2025-03-01', listed_until: '2025-02-01' }, 'listed_until'],
    [{ service_level: 1 }, 'service_level'],
    [{ attributes: [] }, 'attributes'],
    [{ attributes: { a: { b: 1 } } }, 'attributes'],
    [{ attributes: { constructor: 'x' } }, 'constructor'],
    [{ role: 'admin' }, 'role'],
    [{ id: 1 }, 'id'],
    [{ product_id: randomUUID() }, 'product_id'],
    [{ created_at: '2020-01-01' }, 'created_at'],
    [{ version: 9 }, 'version'],
    [{ deleted_at: null }, 'deleted_at'],
    [{ constructor: {} }, 'constructor'],
  ])('refuse %j and name %s', async (fields, field) => {
    const { body } = await call('post', '/products')
      .send({ ...FIELDS, ...fields })
      .expect(400);
    expect(body.errors[0].field).toBe(field);
  });

  it.each([
    ['{"sku":"A","name":"B","__proto__":{"polluted":true}}'],
    ['{"sku":"A","name":"B","attributes":{"__proto__":{"polluted":true}}}'],
    ['{"sku":"A","name":"B","current_price":1e999}'],
    ['{"sku":"A"'],
    [`{"sku":"A","name":"B","attributes":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`],
    ['[]'],
    ['"text"'],
  ])('refuse the body %.60s', async (body) => {
    await call('post', '/products').type('json').send(body).expect(400);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('trim their texts', async () => {
    const { body } = await call('post', '/products')
      .send({ sku: ` ${nextSku()} `, name: ' Tea ' })
      .expect(201);
    expect(body).toMatchObject({ sku: expect.stringMatching(/^SKU-\d+$/), name: 'Tea' });
  });

  it('are found by category, SKU and part of a name, with wildcards taken literally', async () => {
    const category = `Search ${randomUUID()}`;
    await add({ category, name: '100% juice', sku: 'FIND-A' });
    await add({ category, name: '100 g nuts', sku: 'FIND_B' });
    const search = async (query: string) =>
      (await call('get', `/products?category=${encodeURIComponent(category)}&${query}`).expect(200)).body.items.map(
        ({ sku }: { sku: string }) => sku,
      );
    expect(await search('')).toEqual(['FIND-A', 'FIND_B']);
    expect(await search(`search=${encodeURIComponent('100%')}`)).toEqual(['FIND-A']);
    expect(await search('search=D_B')).toEqual(['FIND_B']);
    expect(await search('search=NUTS')).toEqual(['FIND_B']);
    expect(await search('search=%5C')).toEqual([]);
    expect(await search('sku=FIND-A')).toEqual(['FIND-A']);
    expect(await search('sku=find-a')).toEqual([]);
  });

  it('are listed page by page, each once, while others are added and removed', async () => {
    const category = `Pages ${randomUUID()}`;
    const skus = ['b', 'd', 'f', 'h', 'j', 'l', 'n'].map((letter) => `PAGE-${letter}`);
    for (const sku of skus) await add({ sku, category });
    const seen: string[] = [];
    let cursor: string | null = null;
    let round = 0;
    do {
      const { body }: { body: { items: { sku: string }[]; next_cursor: string | null } } = await call(
        'get',
        '/products',
      )
        .query({ category, limit: 2, ...(cursor ? { cursor } : {}) })
        .expect(200);
      seen.push(...body.items.map(({ sku }) => sku));
      cursor = body.next_cursor;
      // Before the cursor, right behind it, and with the same key as its last row.
      await add({ sku: `PAGE-a${round}`, category });
      if (round === 0) await add({ sku: 'PAGE-e', category });
      round++;
    } while (cursor);
    expect(seen).toEqual([...skus, 'PAGE-e'].sort());
  });

  it.each([
    'page=2',
    'category[]=x',
    'category=a&category=b',
    'limit=501',
    'cursor=e30',
    `cursor=${Buffer.from('["a",1e300]').toString('base64url')}`,
    `cursor=${Buffer.from('["a","b"]').toString('base64url')}`,
    'search=%00',
  ])('refuse the query %s', async (query) => {
    await call('get', `/products?${query}`).expect(400);
  });

  it.each([
    `' OR '1'='1`,
    `'; DROP TABLE products; --`,
    `%' UNION SELECT * FROM users --`,
    `\\'; SELECT pg_sleep(9) --`,
  ])('take %s for a text', async (text) => {
    const { body } = await call('get', '/products').query({ search: text, sku: text, category: text }).expect(200);
    expect(body).toEqual({ items: [], next_cursor: null });
    const { product_id } = await add({ name: text, attributes: { note: text } });
    expect((await call('get', `/products/${product_id}`).expect(200)).body.name).toBe(text);
    await call('get', `/products/${encodeURIComponent(text)}`).expect(400);
  });

  it('answer problems that say nothing of what is behind', async () => {
    const { body, headers } = await call('get', `/products/${randomUUID()}`).set('x-correlation-id', 'p.1').expect(404);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['x-correlation-id']).toBe('p.1');
    expect(body).toMatchObject({ status: 404, code: 'NOT_FOUND', correlation_id: 'p.1' });
  });
});

describe('the catalogue is open to', () => {
  const routes = [
    ['get', '/products', 200],
    ['get', `/products/${randomUUID()}`, 404],
    ['post', '/products', 400],
    ['put', `/products/${randomUUID()}`, 400],
    ['delete', `/products/${randomUUID()}`, 404],
    ['get', '/locations', 200],
    ['get', `/locations/${randomUUID()}`, 404],
    ['post', '/locations', 400],
    ['put', `/locations/${randomUUID()}`, 400],
    ['delete', `/locations/${randomUUID()}`, 404],
  ] as const;

  it.each(routes)('planners and administrators, not viewers and strangers: %s %s', async (method, path, allowed) => {
    await call(method, path).expect(allowed);
    await call(method, path, api.adminToken).expect(allowed);
    await call(method, path, await api.tokenOf('viewer')).expect(403);
    await api.http[method](`/api/v1${path}`).expect(401);
  });

  it('reading viewers where the setting says so', async () => {
    const open = await startApi({ VIEWER_READS_CATALOGUE: 'true' });
    try {
      const viewer = await open.tokenOf('viewer');
      for (const [method, path, allowed] of routes) {
        await open.http[method](`/api/v1${path}`)
          .set('authorization', `Bearer ${viewer}`)
          .expect(method === 'get' ? allowed : 403);
      }
      await open.http.get('/api/v1/users').set('authorization', `Bearer ${viewer}`).expect(403);
    } finally {
      await open.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startApi, TestApi } from '../support/test-app.ts';

let api: TestApi;
let planner: string;
beforeAll(async () => {
  api = await startApi();
  planner = await api.tokenOf('planner');
});
afterAll(async () => api.stop());

function call(method: 'post' | 'put' | 'delete', path: string, key: string, token: string = planner) {
  return api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${token}`).set('idempotency-key', key);
}
const product = (sku: string = randomUUID()) => ({ sku, name: 'Something', current_price: 5 });

describe('Idempotency-Key', () => {
  it('replays the first answer to the same request, headers included', async () => {
    const [key, body] = [randomUUID(), product()];
    const first = await call('post', '/products', key).send(body).expect(201);
    const again = await call('post', '/products', key).send(body).expect(201);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    for (const name of ['location', 'etag', 'content-type']) expect(again.headers[name]).toBe(first.headers[name]);
    expect(again.headers['x-correlation-id']).not.toBe(first.headers['x-correlation-id']);
  });

  it('replays an answer without a body', async () => {
    const { body } = await call('post', '/products', randomUUID()).send(product()).expect(201);
    const key = randomUUID();
    await call('delete', `/products/${body.product_id}`, key).expect(204);
    const again = await call('delete', `/products/${body.product_id}`, key).expect(204);
    expect(again.headers['idempotency-replayed']).toBe('true');
    await call('delete', `/products/${body.product_id}`, randomUUID()).expect(404);
  });

  it('replays a refusal', async () => {
    const [sku, key] = [randomUUID(), randomUUID()];
    await call('post', '/products', randomUUID()).send(product(sku)).expect(201);
    const first = await call('post', '/products', key).send(product(sku)).expect(409);
    const again = await call('post', '/products', key).send(product(sku)).expect(409);
    expect(again.body).toEqual(first.body);
    expect(again.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('refuses another body, and another query, under the same key', async () => {
    const key = randomUUID();
    await call('post', '/products', key).send(product()).expect(201);
    const { body } = await call('post', '/products', key).send(product()).expect(422);
    expect(body.errors[0].field).toBe('Idempotency-Key');
  });

  it('keeps keys apart by path, method and caller', async () => {
    const key = randomUUID();
    const { body } = await call('post', '/products', key).send(product()).expect(201);
    const state = product();
    const put = await call('put', `/products/${body.product_id}`, key).send(state).expect(200);
    expect(put.headers['idempotency-replayed']).toBeUndefined();
    const other = await call('post', '/products', key, api.adminToken).send(product()).expect(201);
    expect(other.headers['idempotency-replayed']).toBeUndefined();
  });

  it('lets twenty at once have one effect', async () => {
    const [key, body] = [randomUUID(), product()];
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('post', '/products', key).send(body)));
    const first = answers.filter(({ status, headers }) => status === 201 && !headers['idempotency-replayed']);
    expect(first).toHaveLength(1);
    for (const { status, headers } of answers) {
      expect(status === 201 || (status === 409 && headers['retry-after'] === '1')).toBe(true);
    }
    const { rows } = await api.database.client.query(`SELECT count(*)::int AS n FROM products WHERE sku = $1`, [
      body.sku,
    ]);
    expect(rows).toEqual([{ n: 1 }]);
    const again = await call('post', '/products', key).send(body).expect(201);
    expect(again.body).toEqual(first[0].body);
  });

  it('takes a key as new after a day, and one whose process died after a quarter of an hour', async () => {
    const age = (key: string, interval: string, running = false) =>
      api.database.client.query(
        `UPDATE idempotency_keys SET created_at = now() - $2::interval, status = CASE WHEN $3 THEN NULL ELSE status END WHERE key = $1`,
        [key, interval, running],
      );
    const key = randomUUID();
    await call('post', '/products', key).send(product()).expect(201);
    await age(key, '23 hours');
    await call('post', '/products', key).send(product()).expect(422);
    await age(key, '25 hours');
    const body = product();
    await call('post', '/products', key).send(body).expect(201);
    await age(key, '10 minutes', true);
    const waiting = await call('post', '/products', key).send(body).expect(409);
    expect(waiting.headers['retry-after']).toBe('1');
    await age(key, '16 minutes', true);
    await call('post', '/products', key).send(product()).expect(201);
  });

  it('does not keep the answer of a failure on our side', async () => {
    const [key, body] = [randomUUID(), product()];
    await api.database.client.query(`ALTER TABLE products RENAME TO products_away`);
    const failed = await call('post', '/products', key).send(body);
    await api.database.client.query(`ALTER TABLE products_away RENAME TO products`);
    expect(failed.status).toBe(500);
    expect(JSON.stringify(failed.body)).not.toMatch(/does not exist|SELECT|INSERT/);
    const second = await call('post', '/products', key).send(body).expect(201);
    expect(second.headers['idempotency-replayed']).toBeUndefined();
  });

  it.each(['', 'x'.repeat(256), 'two words', 'käse'])('refuses the key %j', async (key) => {
    const { body } = await api.http
      .post('/api/v1/products')
      .set('authorization', `Bearer ${planner}`)
      .set('idempotency-key', Buffer.from(key, 'utf8').toString('latin1'))
      .send(product())
      .expect(400);
    expect(body.errors[0].field).toBe('Idempotency-Key');
  });

  it('stores neither bodies of requests nor answers of sign-in', async () => {
    const key = randomUUID();
    const password = 'canary passphrase 7251';
    await call('post', '/users', key, api.adminToken)
      .send({ email: 'canary@example.test', password, role: 'viewer' })
      .expect(201);
    for (let i = 0; i < 2; i++) {
      const { headers } = await api.http
        .post('/api/v1/auth/login')
        .set('idempotency-key', key)
        .send({ email: 'canary@example.test', password })
        .expect(200);
      expect(headers['idempotency-replayed']).toBeUndefined();
    }
    const { rows } = await api.database.client.query(`SELECT string_agg(k::text, ' ') AS all FROM idempotency_keys k`);
    expect(rows[0].all).not.toMatch(/canary passphrase|access_token/);
  });
});

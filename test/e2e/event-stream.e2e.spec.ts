import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, startWorker, TestApi } from '../support/test-app.ts';

const MINUTE_MS = 60_000;
const JSON_LINES = 'application/x-ndjson';

let api: TestApi;
let worker: INestApplicationContext | null = null;
let planner: string;
beforeAll(async () => {
  api = await startApi({ SCHEDULE_TIMEZONE: 'UTC' });
  planner = await api.tokenOf('planner');
});
afterAll(async () => {
  await worker?.close();
  await api.stop();
});

const post = (token = planner) => api.http.post('/api/v1/sales-data/events').set('authorization', `Bearer ${token}`);
const event = (id: string, change: Record<string, unknown> = {}) => ({
  event_id: id,
  occurred_at: new Date(Date.now() - MINUTE_MS).toISOString(),
  sku: 'SKU-1',
  location: 'DS1',
  quantity: 1,
  ...change,
});
const lines = (...events: unknown[]) => events.map((one) => `${JSON.stringify(one)}\n`).join('');
const waiting = async () =>
  (
    await api.database.client.query<{ events: number }>(
      'SELECT coalesce(sum(events), 0)::int AS events FROM stream_batches WHERE shard IS NULL',
    )
  ).rows[0].events;

async function metric(name: string): Promise<number> {
  const { text } = await api.http.get('/metrics').set('authorization', `Bearer ${api.adminToken}`).expect(200);
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) if (await holds()) return;
  throw new Error(`It never came about that ${what}`);
}

describe('POST /sales-data/events', () => {
  it('takes one event, an array and JSON lines', async () => {
    const one = await post()
      .send(event('one', { quantity: 2, price: 10 }))
      .expect(202);
    expect(one.body).toEqual({ accepted: 1, duplicate: 0, rejected: [] });
    const array = await post()
      .send([
        event('two'),
        event('two'),
        event('three', { quantity: -9 }),
        event('four', { occurred_at: '2020-01-01T00:00:00Z' }),
      ])
      .expect(202);
    expect(array.body).toEqual({
      accepted: 2,
      duplicate: 1,
      rejected: [{ index: 3, field: 'occurred_at', reason: expect.stringContaining('7 days') }],
    });
    const text = await post()
      .type(JSON_LINES)
      .send(`${lines(event('five', { sku: 'SKU-2' }))}\nnonsense\n${lines(event('six', { sku: 'SKU-2' }))}`)
      .expect(202);
    expect(text.body).toEqual({
      accepted: 2,
      duplicate: 0,
      rejected: [{ line: 3, field: 'event', reason: 'is not JSON' }],
    });
    expect(await waiting()).toBe(5);
  });

  it('refuses what holds nothing fit, and keeps nothing of it', async () => {
    const before = await waiting();
    const soon = new Date(Date.now() + 10 * MINUTE_MS).toISOString();
    for (const [change, field] of [
      [{ quantity: 0 }, 'quantity'],
      [{ occurred_at: soon }, 'occurred_at'],
      [{ event_id: '' }, 'event_id'],
      [{ sku: 'x'.repeat(3_000_000) }, 'sku'],
      [{ colour: 'red' }, 'colour'],
    ] as const)
      expect((await post().send(event('bad', change)).expect(400)).body.errors).toMatchObject([{ field }]);
    expect((await post().send([]).expect(400)).body.errors).toMatchObject([{ field: 'body' }]);
    expect((await post().send([1, {}]).expect(400)).body.errors).toMatchObject([
      { field: '[0].event' },
      { field: '[1].event_id' },
    ]);
    await post()
      .send(event('large', { sku: 'x'.repeat(10_000_000) }))
      .expect(413);
    await post()
      .type(JSON_LINES)
      .send(lines(event('large', { sku: 'x'.repeat(10_000_000) })))
      .expect(413);
    expect(
      (
        await post()
          .type(JSON_LINES)
          .send(lines(event('x')).repeat(10_001))
          .expect(413)
      ).body.code,
    ).toBe('TOO_MANY_EVENTS');
    await post().type('json').send('{"event_id": ').expect(400);
    await post().type('text/plain').send('x').expect(415);
    expect((await post().expect(400)).body.errors).toMatchObject([{ field: 'body' }]);
    expect(await waiting()).toBe(before);
  });

  it('is not for callers limited to some places, and alone takes JSON lines and large bodies', async () => {
    const { body } = await api.http
      .post('/api/v1/locations')
      .set('authorization', `Bearer ${planner}`)
      .send({ code: 'DS9', name: 'Nine' })
      .expect(201);
    const limited = await api.tokenOf('planner', [body.location_id as string]);
    await post(limited).send(event('limited')).expect(403);
    const other = () => api.http.post('/api/v1/products').set('authorization', `Bearer ${planner}`);
    await other()
      .type(JSON_LINES)
      .send(lines({ sku: 'L' }))
      .expect(415);
    await other()
      .send({ sku: 'x'.repeat(2_000_000) })
      .expect(413);
  });
});

describe('the stream', () => {
  it('falls behind while nobody stores, and then catches up, with each event once', async () => {
    await sleep(50);
    const behind = await metric('stream_lag_milliseconds');
    expect(behind).toBeGreaterThanOrEqual(50);
    worker = await startWorker(api.config);
    await until('nothing waits', async () => (await metric('stream_lag_milliseconds')) === 0);
    for (let turn = 0; turn < 5; turn++)
      await Promise.all(
        Array.from({ length: 10 }, () =>
          post()
            .send([event('two'), event(`turn-${turn}`)])
            .expect(202),
        ),
      );
    await until('nothing waits', async () => (await metric('stream_lag_milliseconds')) === 0);
    // 2 + 1 - 9, and then the five.
    const { rows } = await api.database.client.query(
      `SELECT p.sku, quantity_sold AS sold, product_id FROM sales JOIN products AS p ON p.id = product ORDER BY sku`,
    );
    expect(rows).toMatchObject([
      { sku: 'SKU-1', sold: 0 },
      { sku: 'SKU-2', sold: 2 },
    ]);
    await post()
      .send(event('back', { quantity: 3, price: 4 }))
      .expect(202);
    await until('it is stored', async () => (await waiting()) === 0);
    const day = event('x').occurred_at.slice(0, 10);
    const history = await api.http
      .get(`/api/v1/sales-data/${rows[0].product_id}?from=${day}&to=${day}`)
      .set('authorization', `Bearer ${planner}`)
      .expect(200);
    expect(history.body.items).toMatchObject([{ date: day, quantity_sold: 2 }]);
    expect(await metric('stream_events_total{outcome="accepted"}')).toBeGreaterThan(50);
    expect(await metric('stream_events_total{outcome="rejected"}')).toBeGreaterThan(5);
  });

  it('leaves the business date alone while the day lasts', async () => {
    const { body } = await api.http
      .get('/api/v1/sales-data/summary')
      .set('authorization', `Bearer ${planner}`)
      .expect(200);
    const today = new Date().toISOString().slice(0, 10);
    expect(body.last_date <= today && body.business_date !== today).toBe(true);
  });

  it('lands in the raw zone', async () => {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const file = join(api.config.lakeDir, `raw/sales/${day}/stream-shard-01.json`);
    await until('the first shard is there', () => Promise.resolve(existsSync(file)));
    const first = readFileSync(file, 'utf8').split('\n')[0];
    expect(JSON.parse(first)).toMatchObject({ event_id: 'one', sku: 'SKU-1', location: 'DS1', quantity: 2, price: 10 });
  });
});

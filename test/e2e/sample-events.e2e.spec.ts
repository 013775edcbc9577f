import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { replayEvent } from '../../src/local/replay/replay-event.ts';
import { EventValues, fillEvent, readSampleEvents, SampleEvent } from '../../src/local/replay/sample-event.ts';
import { factKey, setClock, storeForecasts, storeSales } from '../support/stored-forecasts.ts';
import { ADMIN, startApi, TestApi } from '../support/test-app.ts';

const EVENTS = readSampleEvents('src/sample/events');
const CALLERS = ['anybody', 'viewer', 'planner', 'admin'] as const;

let api: TestApi;
let origin: string;
let values: EventValues;
const tokens: Partial<Record<SampleEvent['role'], string>> = {};

beforeAll(async () => {
  api = await startApi();
  origin = await api.app.getUrl();
  for (const role of ['viewer', 'planner', 'admin'] as const) tokens[role] = await api.tokenOf(role);
  const { client } = api.database;
  const create = async (path: string, body: object) =>
    (await api.http.post(path).set('authorization', `Bearer ${api.adminToken}`).send(body).expect(201)).body;
  const { product_id, sku } = await create('/api/v1/products', { sku: 'A 1', name: 'Milk' });
  const { location_id, code } = await create('/api/v1/locations', { code: 'DS1', name: 'Store' });
  const key = {
    product: await factKey(client, 'products', product_id as string),
    location: await factKey(client, 'locations', location_id as string),
  };
  await storeSales(client, { ...key, units: 4 }, '2024-01-01', '2024-03-01');
  await setClock(client, '2024-01-01', '2024-03-01');
  const forecast = { means: Array.from({ length: 28 }, () => 4), dispersion: 1 };
  await storeForecasts(client, '2024-03-01', [
    { ...key, ...forecast },
    { ...key, location: 0, ...forecast },
  ]);
  const now = new Date().toISOString();
  values = { ...ADMIN, product_id, sku, location_id, location: code, now, uuid: randomUUID() };
});
afterAll(() => api.stop());

/** Runs the command as `npm run replay` does. */
async function command(...args: string[]): Promise<{ code: number | null; out: string; error: string }> {
  const child = spawn(process.execPath, ['dist/src/local/replay.js', '--url', origin, ...args], {
    env: { PATH: process.env.PATH, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
  });
  const exit = new Promise<number | null>((done) => child.once('exit', done));
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exit, out, error };
}

describe('sample events', () => {
  it('cover what clients do first, and two refusals', () => {
    expect(EVENTS.map(({ name }) => name)).toEqual([
      'list-products',
      'log-in',
      'read-forecast',
      'recommend-orders',
      'refuse-bad-request',
      'refuse-unknown-id',
      'request-forecast',
      'send-sale',
    ]);
  });

  it.each(EVENTS.map((event) => [event.name, event] as const))('%s is answered as it says', async (_, event) => {
    const filled = fillEvent(event, values);
    const { fault, status } = await replayEvent({ origin, token: tokens[event.role] ?? '' }, filled);
    expect({ fault, status }).toEqual({ fault: null, status: event.status });
    // Who may do less is refused: the role is the least one.
    const lesser = CALLERS[CALLERS.indexOf(event.role) - 1];
    if (lesser === undefined) return;
    const refused = await replayEvent({ origin, token: tokens[lesser] ?? '' }, filled);
    expect(refused.status).toBe(lesser === 'anybody' ? 401 : 403);
  });
});

describe('npm run replay', () => {
  it('sends all but the one that adds sales, and that too where it is asked to', async () => {
    const { code, out, error } = await command();
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out.trim().split('\n')).toHaveLength(EVENTS.length);
    expect(out).toMatch(/^ok +read-forecast +GET +200 +\d+ ms$/m);
    expect(out).toMatch(/^7 passed, 0 failed; 1 left out/m);
    expect((await command('--all')).out).toMatch(/^8 passed, 0 failed$/m);
  });

  it('sends those that are named, and ends with 1 where an answer is another', async () => {
    expect((await command('log-in', 'send-sale')).out).toMatch(/^2 passed, 0 failed$/m);
    await api.database.client.query('UPDATE data_clock SET first_date = NULL, business_date = NULL');
    const { code, out } = await command('request-forecast', 'list-products');
    expect(out).toMatch(/^FAIL {2}request-forecast +POST +4\d\d +\d+ ms {2}expected 202; .+$/m);
    expect(out).toMatch(/^1 passed, 1 failed$/m);
    expect(code).toBe(1);
    await api.database.client.query('UPDATE locations SET deleted_at = now()');
    const missing = await command('send-sale', 'list-products');
    expect(missing.out).toMatch(/^FAIL {2}send-sale .* there is no \{location\} in this system\n1 passed, 1 failed$/ms);
  });

  it('lists them, and refuses names that none has', async () => {
    expect((await command('--list')).out).toContain('GET /api/v1/forecasts/{product_id}');
    const { code, error } = await command('nothing');
    expect({ code, said: error.startsWith('nothing: expected names among list-products') }).toEqual({
      code: 2,
      said: true,
    });
  });
});

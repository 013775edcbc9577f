import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN, startApi, TestApi } from '../support/test-app.ts';

const NAME = 'nightly-count';
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  await sql(`INSERT INTO schedules (name, summary, cron) VALUES ($1, 'Counts at night', '30 2 * * *')`, [NAME]);
});
afterAll(() => api.stop());

const sql = (text: string, values: unknown[] = []) => api.database.client.query(text, values);
const send = (method: 'get' | 'put', path: string) =>
  api.http[method](`/api/v1/admin/schedules${path}`).set('authorization', `Bearer ${api.adminToken}`);

describe('schedules', () => {
  it('are listed with the time they come due next, by the configured time zone', async () => {
    const { body } = await send('get', '').expect(200);
    const schedule = (body.items as { name: string; next_tick: string }[]).find(({ name }) => name === NAME);
    expect(schedule).toMatchObject({ cron: '30 2 * * *', timezone: 'Asia/Kolkata', enabled: true, last_tick: null });
    expect(schedule?.next_tick).toMatch(/T21:00:00\.000Z$/);
    expect(Date.parse(schedule?.next_tick as string)).toBeGreaterThan(Date.now());
  });

  it('are changed under their ETag, which leaves an entry in the audit trail', async () => {
    const before = await send('get', `/${NAME}`).expect(200);
    const change = { cron: '0 4 * * MON', timezone: 'Europe/Berlin', enabled: false };
    const put = (body: object, tag: string) => send('put', `/${NAME}`).set('if-match', tag).send(body);
    const changed = await put(change, before.headers.etag).expect(200);
    expect(changed.body).toMatchObject({ ...change, next_tick: null });
    expect(changed.headers.etag).not.toBe(before.headers.etag);
    await put({ cron: '0 5 * * *' }, before.headers.etag).expect(412);
    await send('get', `/${NAME}`).set('if-none-match', changed.headers.etag).expect(304);
    // Fields left out take their defaults.
    const again = await put({ cron: '30 2 * * *' }, changed.headers.etag).expect(200);
    expect(again.body).toMatchObject({ timezone: 'Asia/Kolkata', enabled: true });
    const audit = await api.http
      .get(`/api/v1/admin/audit?entity=schedule&entity_id=${NAME}`)
      .set('authorization', `Bearer ${api.adminToken}`)
      .expect(200);
    expect(audit.body.items).toHaveLength(2);
    expect(audit.body.items[1]).toMatchObject({
      actor: ADMIN.email,
      action: 'schedule.updated',
      before: { cron: '30 2 * * *', timezone: null, enabled: true },
      after: change,
    });
  });

  it.each([
    ['cron', { cron: '61 * * * *' }],
    ['cron', { cron: '0 0 31 2 *' }],
    ['cron', { cron: 7 }],
    ['cron', {}],
    ['timezone', { cron: '0 4 * * *', timezone: 'Mars/Phobos' }],
    ['timezone', { cron: '0 4 * * *', timezone: null }],
    ['enabled', { cron: '0 4 * * *', enabled: 'yes' }],
    ['often', { cron: '0 4 * * *', often: true }],
  ])('are refused with a malformed %s: %j', async (field, body) => {
    expect((await send('put', `/${NAME}`).send(body).expect(400)).body.errors[0].field).toBe(field);
  });

  it('show what their ticks started, a page at a time', async () => {
    const ticks = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z'];
    for (const tick of ticks) await sql(`INSERT INTO schedule_ticks (schedule, tick) VALUES ($1, $2)`, [NAME, tick]);
    await sql(
      `UPDATE schedule_ticks SET missed = 4, error = '{"code":"NO_SALES","message":"There are no sales"}' WHERE tick = $1`,
      [ticks[2]],
    );
    await sql(`UPDATE schedules SET last_tick = $2 WHERE name = $1`, [NAME, ticks[2]]);
    const latest = { tick: ticks[2], missed: 4, error: { code: 'NO_SALES' }, job_id: null, run_id: null };
    expect((await send('get', `/${NAME}`).expect(200)).body.last_tick).toMatchObject(latest);
    const page = (await send('get', `/${NAME}/ticks?limit=2`).expect(200)).body;
    expect(page.items).toMatchObject([latest, { tick: ticks[1], error: null }]);
    const next = (await send('get', `/${NAME}/ticks?limit=2&cursor=${page.next_cursor}`).expect(200)).body;
    expect(next).toMatchObject({ items: [{ tick: ticks[0] }], next_cursor: null });
    await send('get', `/${NAME}/ticks?cursor=WyJ4Il0`).expect(400);
  });

  it('that do not exist are not found', async () => {
    for (const path of ['/none', '/none/ticks']) await send('get', path).expect(404);
    await send('put', '/none').send({ cron: '0 4 * * *' }).expect(404);
  });
});

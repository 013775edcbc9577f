import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { AlertsService } from '../../src/platform/alerts/index.ts';
import { startApi, TestApi } from '../support/test-app.ts';

let api: TestApi;
let planner: string;
let alerts: AlertsService;

const get = (path: string) => api.http.get(`/api/v1/alerts${path}`).set('authorization', `Bearer ${planner}`);
const post = (path: string) => api.http.post(`/api/v1/alerts${path}`).set('authorization', `Bearer ${planner}`);

beforeAll(async () => {
  api = await startApi();
  planner = await api.tokenOf('planner');
  alerts = api.app.get(AlertsService, { strict: false });
});
afterAll(() => api.stop());

describe('alerts', () => {
  const gate = { kind: 'model.gate_failed', severity: 'warning', subject: 'Model X failed the gate' } as const;

  it('stand once for the same matter, count up, and begin anew once resolved', async () => {
    await alerts.raise(gate);
    await alerts.raise({ ...gate, severity: 'critical', detail: { bias: 0.4 } });
    const { body } = await get('').expect(200);
    expect(body.items).toHaveLength(1);
    const [alert] = body.items;
    expect(alert).toMatchObject({
      ...gate,
      severity: 'critical',
      detail: { bias: 0.4 },
      occurrences: 2,
      state: 'open',
    });

    const taken = await post(`/${alert.alert_id}/acknowledge`).expect(200);
    expect(taken.body).toMatchObject({ state: 'acknowledged', resolved_at: null });
    expect(taken.body.acknowledged_by).toMatch(/^planner/);
    await alerts.raise(gate);
    expect((await get('?state=acknowledged').expect(200)).body.items[0].occurrences).toBe(3);

    const ended = await post(`/${alert.alert_id}/resolve`).expect(200);
    expect(ended.body.state).toBe('resolved');
    expect((await post(`/${alert.alert_id}/acknowledge`).expect(200)).body).toEqual(ended.body);
    await alerts.raise(gate);
    expect((await get('').expect(200)).body.items.map((one: { state: string }) => one.state)).toEqual([
      'open',
      'resolved',
    ]);
  });

  it('fall with the transaction they were raised in', async () => {
    const { client } = api.database;
    await client.query('BEGIN');
    await alerts.raise({ ...gate, subject: 'never' }, (sql, parameters) => client.query(sql, parameters));
    await client.query('ROLLBACK');
    expect((await get('').expect(200)).body.items).toHaveLength(2);
  });

  it('settle themselves', async () => {
    await alerts.raise({ ...gate, dedupeKey: 'replica', kind: 'replica.behind' });
    await alerts.settle('replica');
    const { body } = await get('?kind=replica.behind').expect(200);
    expect(body.items[0]).toMatchObject({ state: 'resolved', resolved_by: 'system' });
  });

  it('are listed by page and filter, latest first', async () => {
    const first = (await get('?limit=2').expect(200)).body;
    const second = (await get(`?limit=2&cursor=${first.next_cursor}`).expect(200)).body;
    expect(second.next_cursor).toBeNull();
    expect(first.items.length + second.items.length).toBe(3);
    expect((await get('?severity=warning').expect(200)).body.items).toHaveLength(3);
    expect((await get('?severity=critical').expect(200)).body.items).toHaveLength(0);
  });

  it.each([
    ['?state=gone', 'state'],
    ['?severity=mild', 'severity'],
    ['?cursor=abc', 'cursor'],
    ['?limit=0', 'limit'],
  ])('refuse the query %s', async (query, field) => {
    expect((await get(query).expect(400)).body.errors[0].field).toBe(field);
  });

  it('are not there for an unknown id', async () => {
    await post(`/${randomUUID()}/resolve`).expect(404);
    await post('/x/resolve').expect(400);
  });
});

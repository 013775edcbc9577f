import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { AuditWatch } from '../../src/auth/audit/audit-watch.ts';
import { metrics } from '../../src/platform/metrics/metrics.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { EndedJob, jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

let api: TestApi;
let worker: INestApplicationContext;
beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const sql = (text: string) => api.database.client.query<Record<string, unknown>>(text);
/** What the schedule starts every night. */
async function verify(): Promise<EndedJob> {
  const { id } = await api.app.get(JobsService).enqueue({ kind: 'audit-verification', payload: {} });
  return jobEnd(api, id);
}
const alerts = async () =>
  ((await get('/alerts?kind=audit.trail_broken').expect(200)).body.items as { state: string }[]).map(
    ({ state }) => state,
  );
/** What a scraper reads, also of a worker that another one's verification is news to. */
async function scraped(): Promise<Record<string, number>> {
  await worker.get(AuditWatch, { strict: false }).look();
  const text = await metrics.metrics();
  return Object.fromEntries([...text.matchAll(/^(audit_trail_\w+) (\S+)$/gm)].map(([, name, n]) => [name, Number(n)]));
}

it('is scheduled for every night', async () => {
  const { body } = await get('/admin/schedules/audit-verification').expect(200);
  expect(body).toMatchObject({ cron: '30 4 * * *', enabled: true });
});

it('tells administrators, the log and the metrics whether the trail holds', async () => {
  await get('/admin/audit/verification').expect(404);
  expect(await scraped()).toMatchObject({ audit_trail_broken: NaN, audit_trail_links: NaN });
  await api.tokenOf('viewer');
  const whole = (await verify()).result as { links: number; anchor: string };
  expect(whole).toMatchObject({ intact: true, broken: null });
  expect(whole.links).toBeGreaterThan(0);
  expect((await get('/admin/audit/verification').expect(200)).body).toEqual({
    verified_at: expect.any(String),
    ...whole,
  });
  expect(await scraped()).toMatchObject({ audit_trail_broken: 0, audit_trail_links: whole.links });
  expect(await alerts()).toEqual([]);

  // A cut tail shows by the anchor that the first verification left in the object store.
  await sql(`BEGIN; SET LOCAL session_replication_role = replica;
    CREATE TABLE put_aside AS SELECT * FROM audit_log ORDER BY id DESC LIMIT 1;
    CREATE TABLE link_aside AS SELECT * FROM audit_chain WHERE position = ${whole.links};
    DELETE FROM audit_log WHERE id IN (SELECT id FROM put_aside);
    DELETE FROM audit_chain WHERE position = ${whole.links}; COMMIT`);
  const cut = { intact: false, links: whole.links - 1, broken: { fault: 'anchor-missing', position: whole.links } };
  expect((await verify()).result).toMatchObject(cut);
  expect((await get('/admin/audit/verification').expect(200)).body).toMatchObject(cut);
  expect(await scraped()).toMatchObject({ audit_trail_broken: 1, audit_trail_links: whole.links - 1 });
  expect(await alerts()).toEqual(['open']);

  await sql(`BEGIN; SET LOCAL session_replication_role = replica;
    INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM put_aside;
    INSERT INTO audit_chain SELECT * FROM link_aside; COMMIT`);
  expect((await verify()).result).toEqual(whole);
  expect(await scraped()).toMatchObject({ audit_trail_broken: 0 });
  expect(await alerts()).toEqual(['resolved']);
});

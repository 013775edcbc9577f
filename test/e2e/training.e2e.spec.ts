import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readParquet } from '../../src/platform/parquet/index.ts';
import { iso, LAST_DAY, salesCsv } from '../support/small-panel.ts';
import { EndedJob, jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

let api: TestApi;
let worker: INestApplicationContext;

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);

async function train(seed: number): Promise<EndedJob> {
  const { body } = await api.http
    .post('/api/v1/models/train')
    .set('authorization', `Bearer ${api.adminToken}`)
    .send({ budget: 'quick', seed })
    .expect(202);
  return jobEnd(api, body.job_id);
}

async function upload(csv: string): Promise<void> {
  const { body } = await api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${api.adminToken}`)
    .attach('file', Buffer.from(csv), 'sales.csv')
    .expect(202);
  expect(await jobEnd(api, body.job_id)).toMatchObject({ state: 'succeeded' });
}

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  await upload(salesCsv());
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('a training', () => {
  let first: EndedJob;

  it('is one run of steps that administrators can follow', async () => {
    first = await train(7);
    expect(first).toMatchObject({ kind: 'training', state: 'succeeded', progress: { percent: 100 } });
    const { body } = await get(`/admin/workflows/${first.id}`).expect(200);
    expect(body.steps.map(({ step }: { step: string }) => step)).toEqual([
      'ingest',
      'curate',
      'features',
      'train',
      'evaluate',
      'gate',
      'register',
      'write',
      'deploy',
    ]);
  });

  it('keeps the features it learned from as Parquet, under one hash', async () => {
    const { rows } = await api.database.client.query(
      'SELECT features_uri AS uri, features_hash AS hash FROM model_versions',
    );
    const [{ uri, hash }] = rows as { uri: string; hash: string }[];
    const parts = readdirSync(join(api.config.lakeDir, uri)).map((name) => `${uri}${name}`);
    const lines = parts.map((key) => {
      const content = readFileSync(join(api.config.lakeDir, key));
      return `${key} ${createHash('sha256').update(content).digest('hex')}\n`;
    });
    expect(createHash('sha256').update(lines.sort().join('')).digest('hex')).toBe(hash);
    const features = await readParquet(join(api.config.lakeDir, parts[0]));
    expect(features.length).toBeGreaterThan(500);
    for (const name of ['as_of', 'date', 'quantity_sold', 'sales_lag_7'])
      expect(Object.keys(features[0])).toContain(name);
    for (const { as_of: asOf, date } of features) expect(Number(date)).toBeGreaterThan(Number(asOf));
  });

  it('that fails the gate changes nothing but raises an alert', async () => {
    const champion = first.result?.model_version;
    // Demand falls to almost nothing on the days held out: whatever was learned before them is far too high.
    const lines = ['date,sku,location,quantity_sold'];
    for (let ahead = 1; ahead <= 31; ahead++)
      for (let product = 1; product <= 6; product++)
        for (const place of ['DS1', 'DS2'])
          lines.push(`${iso(-ahead)},SKU-${product},${place},${(ahead + product) % 9 ? 0 : 1}`);
    await upload(`${lines.join('\n')}\n`);
    const second = await train(7);
    expect(second).toMatchObject({ state: 'succeeded', result: { promoted: false, run_id: null } });
    const version = second.result?.model_version as string;
    expect(version).not.toBe(champion);
    const { body: models } = await get('/models').expect(200);
    expect(models.items.map(({ version: of, stage }: Record<string, string>) => [of, stage])).toEqual([
      [version, 'failed'],
      [champion, 'champion'],
    ]);
    const { body: run } = await get(`/admin/workflows/${second.id}`).expect(200);
    expect(run).toMatchObject({ outcome: 'gate failed' });
    const { body: alerts } = await get('/alerts?kind=model.gate_failed').expect(200);
    expect(alerts.items).toHaveLength(1);
    expect(alerts.items[0]).toMatchObject({ severity: 'warning', state: 'open', detail: { model_version: version } });
    // The champion forecasts from the sales that came in.
    await jobEnd(api, second.result?.generation_job_id as string);
    const { rows } = await api.database.client.query(
      `SELECT DISTINCT m.version, r.business_date AS date FROM forecast_series s
       JOIN forecast_runs r ON r.id = s.run JOIN model_versions m ON m.id = r.model`,
    );
    expect(rows).toEqual([{ version: champion, date: iso(-31) }]);
    expect(iso(0)).toBe(LAST_DAY);
  });

  it('does not go on from what a step left damaged', async () => {
    const damaged = train(9);
    const folder = join(api.config.lakeDir, 'runs');
    let job: EndedJob | undefined;
    void damaged.then((ended) => (job = ended));
    // The frozen history of the newest run is overwritten as soon as it is there.
    while (!job) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const { rows } = await api.database.client.query(
        `SELECT r.id FROM workflow_runs r JOIN workflow_steps s ON s.run_id = r.id
         WHERE r.state = 'running' AND s.step = 'curate' AND s.state = 'succeeded'`,
      );
      if (rows.length) {
        writeFileSync(join(folder, rows[0].id, 'panel'), 'not what it was');
        break;
      }
    }
    const ended = await damaged;
    expect(ended.state).toBe('failed');
    expect(ended.error?.message).toMatch(/features|train/);
    const { body: models } = await get('/models').expect(200);
    expect(models.items).toHaveLength(2);
  });
});

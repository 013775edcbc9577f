import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRng } from '../../src/engine/index.ts';
import { inShare } from '../../src/forecasts/rollout/share.ts';
import { iso, LAST_DAY } from '../support/small-panel.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

const PRODUCTS = 40;
const DAYS = 150;

let api: TestApi;
let worker: INestApplicationContext;
let champion: string;

const send = (method: 'get' | 'post', path: string, body?: object) => {
  const request = api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
  return body ? request.send(body) : request;
};
const sql = async <T>(text: string, values: unknown[] = []) =>
  (await api.database.client.query(text, values)).rows as T[];

/** Poisson around a level of the product and the weekday, always the same for a product and day. */
function unitsOf(product: number, back: number): number {
  const rng = createRng(1000 * product + back + 500);
  const limit = Math.exp(-(6 + (product % 5) + ((back + 1000) % 7 > 4 ? 5 : 0)));
  let units = 0;
  for (let left = rng(); left > limit; left *= rng()) units++;
  return units;
}

/** Sales of every product on the days from one before the last down to another; negative numbers lie after it. */
async function upload(from: number, to: number): Promise<void> {
  const lines = ['date,sku,location,quantity_sold'];
  for (let back = from; back >= to; back--)
    for (let p = 0; p < PRODUCTS; p++) lines.push(`${iso(back)},P${p},DS1,${unitsOf(p, back)}`);
  const { body } = await api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${api.adminToken}`)
    .attach('file', Buffer.from(`${lines.join('\n')}\n`), 'sales.csv')
    .expect(202);
  expect(await jobEnd(api, body.job_id)).toMatchObject({ state: 'succeeded' });
}

async function ended(jobId: string): Promise<Record<string, unknown>> {
  const job = await jobEnd(api, jobId);
  expect(job).toMatchObject({ state: 'succeeded', error: null });
  return job.result ?? {};
}

/** A version that may be deployed: the champion's model under another name. */
async function anotherVersion(name: string): Promise<string> {
  await sql(
    `INSERT INTO model_versions (version, stage, artefact_key, artefact_sha256, data_hash, code_version, parameters, seed,
       train_start, train_end, metrics, weights)
     SELECT $2, 'registered', $3, artefact_sha256, data_hash, code_version, parameters, seed, train_start, train_end,
       metrics, weights FROM model_versions WHERE version = $1`,
    [champion, name, `models/${name}/model.txt`],
  );
  cpSync(join(api.config.lakeDir, `models/${champion}`), join(api.config.lakeDir, `models/${name}`), {
    recursive: true,
  });
  return name;
}

/** Forecasts everything from the latest sales and waits for what follows from that. */
async function renew(): Promise<void> {
  const { body } = await send('post', '/forecasts/generate', {}).expect(202);
  await ended(body.job_id);
  await settled();
}

async function settled(): Promise<void> {
  for (;;) {
    const [{ open }] = await sql<{ open: number }>(
      `SELECT count(*)::int AS open FROM jobs WHERE state IN ('queued', 'running')`,
    );
    if (open === 0) return;
    await sleep(50);
  }
}

/** SKUs by the version that forecasts them now. */
async function served(version: string): Promise<string[]> {
  const rows = await sql<{ sku: string }>(
    `SELECT DISTINCT p.sku FROM forecast_series s JOIN forecast_runs r ON r.id = s.run
     JOIN model_versions m ON m.id = r.model JOIN products p ON p.id = s.product WHERE m.version = $1 ORDER BY 1`,
    [version],
  );
  return rows.map(({ sku }) => sku);
}

const shareOf = (rolloutId: string, share: number) =>
  Array.from({ length: PRODUCTS }, (_, p) => `P${p}`)
    .filter((sku) => inShare(rolloutId, sku, share))
    .sort();

const rolloutOf = async (id: string) => (await send('get', `/models/rollouts/${id}`).expect(200)).body;

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  await upload(DAYS, 0);
  const { body } = await send('post', '/models/train', { budget: 'quick', seed: 1 }).expect(202);
  champion = (await ended(body.job_id)).model_version as string;
  await settled();
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('a training', () => {
  it('may begin as a canary, and leaves the champion where it is', async () => {
    const { body } = await send('post', '/models/train', { budget: 'quick', seed: 2, deploy: 'canary' }).expect(202);
    const result = await ended(body.job_id);
    expect(result.gate).toMatchObject({ passed: true });
    expect(result).toMatchObject({ promoted: false, rollout_id: expect.any(String) });
    const id = result.rollout_id as string;
    expect(await rolloutOf(id)).toMatchObject({ state: 'canary', share_percent: 5, champion_version: champion });
    expect(await served(result.model_version as string)).toEqual(shareOf(id, 0.05));
    await send('post', `/models/rollouts/${id}/abort`).expect(200);
    await settled();
    expect(await served(champion)).toHaveLength(PRODUCTS);
  });
});

describe('a training for an experiment', () => {
  it('is judged and kept, and never deployed', async () => {
    const { body } = await send('post', '/models/train', { budget: 'quick', seed: 3, deploy: 'none' }).expect(202);
    const result = await ended(body.job_id);
    const version = result.model_version as string;
    expect(result).toMatchObject({ promoted: false, run_id: null, gate: { passed: true } });
    const { body: listed } = await send('get', '/models?stage=experiment').expect(200);
    expect(listed.items.map((model: { version: string }) => model.version)).toEqual([version]);
    const { body: model } = await send('get', `/models/${version}`).expect(200);
    expect(model.decision).toContain('It is an experiment');
    const { champion_comparison: comparison } = model;
    expect(comparison).toMatchObject({ champion_version: champion });
    expect(comparison.wape_delta).toBeCloseTo(comparison.candidate_wape - comparison.champion_wape, 12);
    expect(comparison.series_better + comparison.series_worse + comparison.series_equal).toBe(PRODUCTS);
    for (const path of [`/models/${version}/promote`, `/models/${version}/rollback`])
      expect((await send('post', path, {}).expect(409)).body.code).toBe('MODEL_NOT_DEPLOYABLE');
    expect(await served(champion)).toHaveLength(PRODUCTS);
    await send('get', '/models?stage=famous').expect(400);
  });
});

describe('a canary', () => {
  let id: string;

  it('serves the new version to exactly its share of the products, once that has forecast', async () => {
    const version = await anotherVersion('canary-1');
    const { body } = await send('post', `/models/${version}/promote`, { strategy: 'canary' }).expect(202);
    id = body.rollout.rollout_id;
    expect(body.rollout).toMatchObject({ state: 'shadow', share_percent: 0, candidate_version: version });
    await settled();
    expect(await rolloutOf(id)).toMatchObject({ state: 'canary', share_percent: 5 });
    expect(await served(version)).toEqual(shareOf(id, 0.05));
    await send('post', `/models/rollouts/${id}/advance`, { from_percent: 25 }).expect(409);
    await send('post', `/models/rollouts/${id}/advance`, { from_percent: 5 }).expect(200);
    expect(await served(version)).toEqual(shareOf(id, 0.25));
    expect(shareOf(id, 0.25).length).toBeGreaterThan(0);
  });

  it('keeps its share when the champion forecasts everything anew', async () => {
    await upload(-1, -1);
    await renew();
    expect(await served('canary-1')).toEqual(shareOf(id, 0.25));
    const [{ dates }] = await sql<{ dates: string[] }>(
      `SELECT array_agg(DISTINCT r.business_date::text) AS dates FROM forecast_series s JOIN forecast_runs r ON r.id = s.run`,
    );
    expect(dates).toEqual([iso(-1)]);
  });

  it('cannot be joined by a second one, nor be passed over', async () => {
    const other = await anotherVersion('canary-2');
    await send('post', `/models/${other}/promote`, { strategy: 'canary' }).expect(409);
    await send('post', `/models/${other}/promote`, {}).expect(409);
  });

  it('takes over when it has done well on days that came in', async () => {
    await upload(-2, -3);
    await renew();
    expect(await rolloutOf(id)).toMatchObject({ state: 'completed', share_percent: 100 });
    expect(await served('canary-1')).toHaveLength(PRODUCTS);
    const { body } = await send('get', '/models').expect(200);
    const stages = Object.fromEntries(body.items.map((m: Record<string, string>) => [m.version, m.stage]));
    expect(stages).toMatchObject({ 'canary-1': 'champion', [champion]: 'archived', 'canary-2': 'registered' });
    await send('post', `/models/rollouts/${id}/abort`).expect(409);
  });
});

describe('a bad version', () => {
  it('is taken back by itself, with an alert and the reason', async () => {
    const { body } = await send('post', '/models/canary-2/promote', { strategy: 'canary' }).expect(202);
    const id = body.rollout.rollout_id as string;
    await settled();
    await send('post', `/models/rollouts/${id}/advance`).expect(200);
    await sql(
      `UPDATE forecasts SET mean = mean * 4, p10 = p10 * 4, p50 = p50 * 4, p90 = p90 * 4
       WHERE run IN (SELECT r.id FROM forecast_runs r JOIN model_versions m ON m.id = r.model WHERE m.version = 'canary-2')`,
    );
    await upload(-4, -5);
    await renew();
    const rollout = await rolloutOf(id);
    expect(rollout).toMatchObject({ state: 'rolled_back', share_percent: 0 });
    expect(rollout.reason).toMatch(/WAPE|bias/);
    expect(rollout.events.map(({ action }: { action: string }) => action)).toEqual([
      'started',
      'advanced',
      'advanced',
      'rolled_back',
    ]);
    expect(rollout.events.at(-1).measures.candidate.bias).toBeGreaterThan(1);
    expect(await served('canary-2')).toEqual([]);
    expect(await served('canary-1')).toHaveLength(PRODUCTS);
    const { body: alerts } = await send('get', '/alerts?kind=model.rolled_back').expect(200);
    expect(alerts.items).toHaveLength(1);
  });
});

describe('a rollout that is ended by hand', () => {
  it('gives everything back, though the champion last forecast a few products alone', async () => {
    const version = await anotherVersion('aborted-1');
    const { body } = await send('post', `/models/${version}/promote`, { strategy: 'canary' }).expect(202);
    await settled();
    await send('post', `/models/rollouts/${body.rollout.rollout_id}/advance`).expect(200);
    expect((await served(version)).length).toBeGreaterThan(0);
    await upload(-6, -6);
    const [{ id }] = await sql<{ id: string }>(`SELECT product_id AS id FROM products WHERE sku = 'P0'`);
    const partial = await send('post', '/forecasts/generate', { product_ids: [id] }).expect(202);
    await ended(partial.body.job_id);
    await send('post', `/models/rollouts/${body.rollout.rollout_id}/abort`).expect(200);
    expect(await served(version)).toEqual([]);
    expect(await served('canary-1')).toHaveLength(PRODUCTS);
    await settled();
  });

  it('cannot be of the champion, whoever is quicker', async () => {
    const answers = await Promise.all([
      send('post', '/models/aborted-1/promote', {}),
      send('post', '/models/aborted-1/promote', { strategy: 'canary' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const strange = await sql('SELECT 1 FROM rollouts WHERE candidate = champion');
    expect(strange).toEqual([]);
    const { body } = await send('get', '/models/rollouts?limit=1').expect(200);
    if (body.items[0].state === 'shadow' || body.items[0].state === 'canary')
      await send('post', `/models/rollouts/${body.items[0].rollout_id}/abort`).expect(200);
    await settled();
    const now = await sql<{ version: string }>(`SELECT version FROM model_versions WHERE stage = 'champion'`);
    if (now[0].version !== 'canary-1') {
      await send('post', '/models/canary-1/rollback').expect(202);
      await settled();
    }
  });

  it('is refused to a version whose artefact is damaged', async () => {
    const version = await anotherVersion('damaged-1');
    writeFileSync(join(api.config.lakeDir, `models/${version}/model.txt`), 'not a model');
    for (const body of [{}, { strategy: 'canary' }]) {
      const { body: problem } = await send('post', `/models/${version}/promote`, body).expect(409);
      expect(problem.code).toBe('MODEL_DAMAGED');
    }
    expect(await served('canary-1')).toHaveLength(PRODUCTS);
  });
});

describe('going back', () => {
  it('is one call: the last forecasts of the version at once, then new ones', async () => {
    const { body } = await send('post', `/models/${champion}/rollback`).expect(202);
    expect(await served(champion)).toHaveLength(PRODUCTS);
    expect(await ended(body.job_id)).toMatchObject({ model_version: champion, business_date: iso(-6) });
    const actions = await sql<{ action: string }>(
      `SELECT DISTINCT action FROM audit_log WHERE entity = 'model' ORDER BY action`,
    );
    expect(actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['model.rolled_back', 'rollout.aborted', 'rollout.advanced', 'rollout.started']),
    );
  });

  it('and two promotions at once leave one champion', async () => {
    const answers = await Promise.all(
      ['canary-1', 'canary-2'].map((version) => send('post', `/models/${version}/promote`, {})),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    expect(await sql(`SELECT 1 FROM model_versions WHERE stage = 'champion'`)).toHaveLength(1);
    await settled();
  });

  it.each([
    ['an unknown version', '/models/nobody/promote', {}, 404],
    ['an unknown strategy', '/models/canary-2/promote', { strategy: 'hope' }, 400],
    ['an unknown rollout', `/models/rollouts/${'0'.repeat(8)}-0000-4000-8000-000000000000/advance`, {}, 404],
  ])('refuses %s', async (_, path, body, status) => {
    await send('post', path, body).expect(status);
  });

  it('refuses a version that failed the gate', async () => {
    await sql(`UPDATE model_versions SET stage = 'failed' WHERE version = $1`, [champion]);
    const { body } = await send('post', `/models/${champion}/promote`, {}).expect(409);
    expect(body.code).toBe('MODEL_NOT_DEPLOYABLE');
    expect(LAST_DAY).toBe(iso(0));
  });
});

describe('an experiment', () => {
  let id: string;
  const report = async () => (await send('get', `/models/experiments/${id}`).expect(200)).body;

  it('serves two versions to a stable half of the products each', async () => {
    const version = await anotherVersion('tried-1');
    const [{ version: before }] = await sql<{ version: string }>(
      `SELECT version FROM model_versions WHERE stage = 'champion'`,
    );
    const start = (body: object) => send('post', '/models/experiments', body);
    await start({ version: 'nobody' }).expect(404);
    await start({ version: before }).expect(409);
    expect(JSON.stringify((await start({ version, share_percent: 0 }).expect(400)).body)).toContain('share_percent');
    const { body } = await start({ version, name: 'Another name' }).expect(201);
    id = body.experiment_id;
    expect(body).toMatchObject({ name: 'Another name', share_percent: 50, version_a: before, version_b: version });
    await settled();
    expect(await report()).toMatchObject({ state: 'testing', days: 0, paired: null });
    expect(await served(version)).toEqual(shareOf(id, 0.5));
    expect(await served(before)).toHaveLength(PRODUCTS - shareOf(id, 0.5).length);
    await start({ version }).expect(409);
    await send('post', '/models/canary-2/promote', { strategy: 'canary' }).expect(409);
    await send('post', `/models/rollouts/${id}/advance`).expect(404);
  });

  it('compares them on the days that come in, each on its products and both on all', async () => {
    await upload(-7, -8);
    await renew();
    const { state, days, arm_a: a, arm_b: b, paired } = await report();
    expect({ state, days }).toEqual({ state: 'testing', days: 2 });
    expect(b.products).toBe(shareOf(id, 0.5).length);
    expect(a.products + b.products).toBe(PRODUCTS);
    expect(a.pairs + b.pairs).toBe(2 * PRODUCTS);
    for (const { wape } of [a, b]) {
      expect(wape.low).toBeLessThan(wape.value);
      expect(wape.high).toBeGreaterThan(wape.value);
    }
    // The same model under two names.
    expect(paired).toMatchObject({ products: PRODUCTS, p_value: 1, better: 'undecided' });
    expect(paired.difference).toEqual({ value: 0, low: 0, high: 0 });
    expect(await served('tried-1')).toEqual(shareOf(id, 0.5));
  });

  it('shows which is better, and ends when somebody goes back', async () => {
    await sql(
      `UPDATE forecasts SET mean = mean * 1.15 WHERE run IN
         (SELECT r.id FROM forecast_runs r JOIN model_versions m ON m.id = r.model WHERE m.version = 'tried-1')`,
    );
    const { paired, arm_b: b } = await report();
    expect(b.bias).toBeGreaterThan(0.05);
    expect(paired.difference.value).toBeCloseTo(paired.wape_b - paired.wape_a, 12);
    expect(paired.better).toBe('a');
    expect(paired.p_value).toBeLessThan(0.05);
    const { body: listed } = await send('get', '/models/experiments').expect(200);
    expect(listed.items).toHaveLength(1);
    const [{ version }] = await sql<{ version: string }>(
      `SELECT version FROM model_versions WHERE stage IN ('archived', 'registered') AND version LIKE 'canary%'`,
    );
    const { body } = await send('post', `/models/${version}/rollback`).expect(202);
    await ended(body.job_id);
    expect(await report()).toMatchObject({ state: 'aborted', days: 2 });
    expect(await served(version)).toHaveLength(PRODUCTS);
    await send('post', `/models/experiments/${id}/stop`).expect(409);
    await settled();
  });
});

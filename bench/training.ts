import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { createRng } from '../src/engine/index.ts';
import type { Child } from '../src/local/child.ts';
import { Figure, memoryOf, report, short } from './report.ts';
import { RunningSystem, startSystem } from './running-system.ts';
import { SalesFile, writeM5, writeSample } from './training/sales-file.ts';

/**
 * Trainings through the running system: how long one takes from stored sales to published forecasts, what a second worker
 * gains on the parts that shard, and what is left of a training whose worker is killed again and again.
 *
 *   --data FOLDER   with m5/ (sales_<store>, prices_<store> and calendar, .csv.gz); without it a simulated company
 *   --short         fewer kills, little data
 */
const { values } = parseArgs({ options: { data: { type: 'string' }, short: { type: 'boolean' } } });

/** Steps of a training and of a batch whose shards go to whatever worker is free. */
const SHARDED = ['features', 'members', 'write'];
const KILLS = short ? 2 : 20;

interface StepTime {
  readonly step: string;
  readonly shards: number;
  /** From the first start to the last end, seconds. */
  readonly span: number;
}

async function upload(system: RunningSystem, folder: string, file: SalesFile): Promise<number> {
  const began = performance.now();
  const { job_id: job } = await system.client.upload('sales.csv', await openAsBlob(join(folder, 'sales.csv')));
  await system.client.follow(job);
  console.log(`stored ${file.rows.toLocaleString('en')} rows in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return (performance.now() - began) / 1000;
}

/** Time of each step of a run. */
async function stepsOf(database: pg.Client, run: string): Promise<readonly StepTime[]> {
  const { rows } = await database.query<StepTime>(
    `SELECT s.step, count(*)::int AS shards, extract(epoch FROM max(j.finished_at) - min(j.started_at))::float8 AS span
     FROM workflow_steps AS s JOIN jobs AS j ON j.id = s.job_id WHERE s.run_id = $1 GROUP BY s.step ORDER BY min(j.started_at)`,
    [run],
  );
  return rows;
}

/** Forecasts everything for so many days, a number not forecast before, and answers the time of each step. */
async function batch(system: RunningSystem, database: pg.Client, days: number): Promise<readonly StepTime[]> {
  const { job_id: run } = await system.client.post<{ job_id: string }>('/forecasts/generate', { horizon_days: days });
  await system.client.follow(run);
  const steps = await stepsOf(database, run);
  console.log(steps.map(({ step, shards, span }) => `${step} ×${shards} ${span.toFixed(1)} s`).join(', '));
  return steps;
}

/** Trains and answers what came of it, the time it took, and that of each step. */
async function train(system: RunningSystem, database: pg.Client, budget: string) {
  const began = performance.now();
  const { job_id: run } = await system.client.post<{ job_id: string }>('/models/train', { budget, seed: 1 });
  const result = await system.client.follow(run);
  const seconds = (performance.now() - began) / 1000;
  const steps = await stepsOf(database, run);
  console.log(steps.map(({ step, shards, span }) => `${step} ×${shards} ${span.toFixed(1)} s`).join(', '));
  return { result, seconds, steps };
}

const shardedSpan = (steps: readonly StepTime[]) =>
  steps.filter(({ step }) => SHARDED.includes(step)).reduce((sum, { span }) => sum + span, 0);

/** One training with one worker, one with two. */
async function measureTraining(folder: string, file: SalesFile): Promise<Figure[]> {
  const system = await startSystem();
  const database = new pg.Client({ connectionString: system.databaseUrl });
  await database.connect();
  try {
    await upload(system, folder, file);
    const budget = short ? 'quick' : 'standard';
    const one = await train(system, database, budget);
    const daily = await batch(system, database, 27);
    const peak = memoryOf(system.worker.pid).peak;
    const second = await system.startWorker();
    const two = await train(system, database, budget);
    const dailyOfTwo = await batch(system, database, 26);
    await second.stop();
    const forecasts = Number((await database.query('SELECT count(*) AS rows FROM forecasts')).rows[0].rows);
    const isM5 = values.data !== undefined;
    return [
      {
        name: `${file.what}: train, evaluate, register and write`,
        value: one.seconds,
        unit: 's',
        ...(isM5 && !short ? { target: { atMost: 180 } } : {}),
      },
      ...one.steps.map(({ step, span }) => ({ name: `of it ${step}`, value: span, unit: 's' })),
      { name: 'a batch of everything', value: daily.reduce((sum, { span }) => sum + span, 0), unit: 's' },
      ...daily.map(({ step, shards, span }) => ({ name: `of it ${step}, ${shards} shards`, value: span, unit: 's' })),
      { name: 'forecast days written, 11 quantiles each', value: forecasts, unit: 'rows' },
      { name: 'worker, peak', value: peak, unit: 'MB', target: { atMost: 3000 } },
      {
        name: 'two workers against one, features, prediction and writing',
        value: shardedSpan([...one.steps, ...daily]) / shardedSpan([...two.steps, ...dailyOfTwo]),
        unit: '×',
        ...(short ? {} : { target: { atLeast: 1.7 } }),
      },
      {
        name: 'versions after both trainings',
        value: Number((await database.query('SELECT count(*) AS rows FROM model_versions')).rows[0].rows),
        unit: '',
        target: { atMost: 1 },
      },
    ];
  } finally {
    await database.end();
    await system.stop();
  }
}

/** A training whose worker is killed at random moments, beside one that is left alone. */
async function measureKills(folder: string, file: SalesFile): Promise<Figure[]> {
  const system = await startSystem();
  const database = new pg.Client({ connectionString: system.databaseUrl });
  await database.connect();
  const workers: Child[] = [];
  const resumed: number[] = [];
  const rng = createRng(1);
  const running = async () =>
    (
      await database.query<{ id: string; attempt: number; step: string }>(
        `SELECT id, attempt, payload ->> 'step' AS step FROM jobs
         WHERE state = 'running' AND payload ? 'run_id' AND heartbeat_at > now() - interval '3 seconds'`,
      )
    ).rows[0];
  try {
    await upload(system, folder, file);
    let kills = 0;
    const hashes = new Set<string>();
    while (kills < KILLS) {
      const { job_id: run } = await system.client.post<{ job_id: string }>('/models/train', {
        budget: 'quick',
        seed: 1,
      });
      for (let ended = false; !ended && kills < KILLS;) {
        await sleep(200 + 3_000 * rng());
        const job = await running();
        const { rows } = await database.query<{ state: string }>('SELECT state FROM workflow_runs WHERE id = $1', [
          run,
        ]);
        ended = rows[0].state !== 'running';
        if (!job || ended) continue;
        process.kill((workers.at(-1) ?? system.worker).pid, 'SIGKILL');
        kills++;
        const killed = performance.now();
        workers.push(await system.startWorker());
        for (;;) {
          const { rows: now } = await database.query<{ attempt: number }>('SELECT attempt FROM jobs WHERE id = $1', [
            job.id,
          ]);
          if (now[0].attempt > job.attempt) break;
          await sleep(100);
        }
        resumed.push((performance.now() - killed) / 1000);
        console.log(`kill ${kills} in ${job.step}: went on after ${resumed[resumed.length - 1].toFixed(1)} s`);
      }
      await system.client.follow(run);
      const { rows } = await database.query<{ hash: string }>('SELECT artefact_sha256 AS hash FROM model_versions');
      for (const { hash } of rows) hashes.add(hash);
    }
    const { job_id: alone } = await system.client.post<{ job_id: string }>('/models/train', {
      budget: 'quick',
      seed: 1,
    });
    await system.client.follow(alone);
    const { rows } = await database.query<{ hash: string }>('SELECT artefact_sha256 AS hash FROM model_versions');
    for (const { hash } of rows) hashes.add(hash);
    return [
      { name: 'kills of the worker', value: kills, unit: '' },
      {
        name: 'different models afterwards, one left alone included',
        value: hashes.size,
        unit: '',
        target: { atMost: 1 },
      },
      { name: 'versions afterwards', value: rows.length, unit: '', target: { atMost: 1 } },
      { name: 'longest time until another attempt', value: Math.max(...resumed), unit: 's', target: { atMost: 45 } },
    ];
  } finally {
    await database.end();
    await Promise.all(workers.map((worker) => worker.stop()));
    await system.stop();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'shelfcast-training-'));
try {
  const path = join(folder, 'sales.csv');
  const file =
    values.data === undefined || short
      ? await writeSample(path, { products: short ? 30 : 120, locations: 10, days: short ? 400 : 1096 })
      : await writeM5(path, join(values.data, 'm5'));
  const figures = await measureTraining(folder, file);
  const small = await writeSample(path, { products: 20, locations: 4, days: 400 });
  figures.push(...(await measureKills(folder, small)));
  report('training', figures, [
    `data: ${file.what}, ${file.series.toLocaleString('en')} series, ${file.rows.toLocaleString('en')} rows; kills on a small part of the simulated company`,
    'API, worker, PostgreSQL and the client share the machine; time from the request to the published forecasts, sales already stored',
    'a worker that was killed is taken for dead after 30 s without a sign of life, as set by default',
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

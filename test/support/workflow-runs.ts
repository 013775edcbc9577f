import { INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigModule, loadConfig } from '../../src/platform/config/index.ts';
import { DatabaseModule } from '../../src/platform/database/index.ts';
import { QueueModule } from '../../src/platform/queue/index.ts';
import { defineWorkflow, WorkflowModule, WorkflowsService } from '../../src/platform/workflow/index.ts';
import { createTestDatabase, TestDatabase } from './test-database.ts';

/** Splits a list, doubles each part in a shard of its own and adds the doubles up; each step on a queue of its own. */
export const DOUBLING = defineWorkflow({
  name: 'doubling',
  steps: {
    split: { queue: 'sales-import', after: [] },
    double: { queue: 'forecast-generation', after: ['split'], shards: 'from-parent' },
    sum: { queue: 'model-training', after: ['double'] },
  },
});

/** Silence after which the workers of these tests are taken for dead: short, but no busy machine's mistake. */
export const LOCK_MS = 3_000;

/** A bench of workers in processes of their own, that can be stopped and killed, and the service that starts runs. */
export interface WorkflowBench {
  readonly database: TestDatabase;
  readonly workflows: WorkflowsService;
  worker(): Promise<ChildProcess>;
  kill(worker: ChildProcess, signal?: NodeJS.Signals): Promise<void>;
  sql<T>(text: string, values?: unknown[]): Promise<T[]>;
  until(what: string, ready: () => Promise<boolean>, timeoutMs?: number): Promise<void>;
  /** The run, once it has ended. */
  end(id: string, timeoutMs?: number): ReturnType<WorkflowsService['get']>;
  stop(): Promise<void>;
}

export async function startWorkflowBench(redisUrl = ''): Promise<WorkflowBench> {
  const database = await createTestDatabase();
  await database.client.query('CREATE TABLE begun (run_id uuid, step text, shard integer)');
  await database.client.query('CREATE TABLE effects (run_id uuid, step text, shard integer, attempt integer)');
  const dataDir = mkdtempSync(join(tmpdir(), 'shelfcast-workflow-'));
  const environment = {
    PATH: process.env.PATH,
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    REDIS_URL: redisUrl,
    JOB_LOCK_MS: String(LOCK_MS),
    LOG_LEVEL: 'silent',
  };
  const config = loadConfig(environment);
  // Starts runs and looks at them; does no work and has no timers.
  @Module({
    imports: [
      ConfigModule.forRoot(config),
      DatabaseModule.forRoot('test'),
      QueueModule.forApi(),
      WorkflowModule.forWorker(),
    ],
  })
  class Root {}
  const app: INestApplicationContext = await NestFactory.createApplicationContext(Root, {
    logger: false,
    abortOnError: false,
  });
  const workflows = app.get(WorkflowsService);
  const workers = new Set<ChildProcess>();

  const kill = async (worker: ChildProcess, signal: NodeJS.Signals = 'SIGKILL') => {
    workers.delete(worker);
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const exited = once(worker, 'exit');
    worker.kill(signal);
    await exited;
  };
  const until = async (what: string, ready: () => Promise<boolean>, timeoutMs = 60_000) => {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(25)) if (await ready()) return;
    throw new Error(`Not within ${timeoutMs} ms: ${what}`);
  };
  return {
    database,
    workflows,
    kill,
    until,
    worker: async () => {
      const child = fork('test/support/workflow-worker.mjs', [], { execArgv: [], env: environment });
      workers.add(child);
      const exited = once(child, 'exit').then(([code]) => {
        if (workers.has(child) && child.signalCode === null) throw new Error(`The worker ended with code ${code}`);
      });
      exited.catch(() => undefined);
      await Promise.race([once(child, 'message'), exited]);
      return child;
    },
    sql: async <T>(text: string, values: unknown[] = []) => (await database.client.query(text, values)).rows as T[],
    end: async (id, timeoutMs) => {
      await until('the end of the run', async () => (await workflows.get(id)).state !== 'running', timeoutMs);
      return workflows.get(id);
    },
    stop: async () => {
      for (const worker of workers) {
        worker.kill('SIGCONT');
        await kill(worker);
      }
      await app.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

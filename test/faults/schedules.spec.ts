import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { INestApplicationContext, Injectable, Module, OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { ConfigModule, loadConfig } from '../../src/platform/config/index.ts';
import { DatabaseModule } from '../../src/platform/database/index.ts';
import { ConflictError } from '../../src/platform/http/index.ts';
import { JobsService, QueueModule } from '../../src/platform/queue/index.ts';
import { SCHEDULE_CLOCK, ScheduleRegistry, Scheduler, SchedulesModule } from '../../src/platform/schedules/index.ts';
import { defineWorkflow, WorkflowModule, WorkflowsService } from '../../src/platform/workflow/index.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

const RETRAIN = defineWorkflow({ name: 'retrain', steps: { train: { queue: 'model-training', after: [] } } });
const HOUR_MS = 3_600_000;

/** What the schedules of these tests go by. */
const clock = { now: new Date('2026-03-01T00:00:00Z') };
/** Faults to come. */
const faults = { broken: false };

@Injectable()
class Work implements OnModuleInit {
  constructor(
    private readonly schedules: ScheduleRegistry,
    private readonly jobs: JobsService,
    private readonly workflows: WorkflowsService,
  ) {}

  onModuleInit(): void {
    this.schedules.register({
      name: 'daily',
      summary: 'A job each day',
      cron: '30 2 * * *',
      start: (manager, { at }) =>
        this.jobs.create(manager, { kind: 'sales-import', payload: { day: at.toISOString() } }),
    });
    this.schedules.register({
      name: 'weekly',
      summary: 'A workflow each week',
      cron: '0 3 * * 0',
      start: (manager) => this.workflows.create(manager, RETRAIN, {}),
    });
    this.schedules.register({
      name: 'hourly',
      summary: 'Refused, broken or nothing to do',
      cron: '0 * * * *',
      start: async (manager) => {
        await manager.query(`INSERT INTO jobs (kind) VALUES ('written-and-taken-back')`);
        if (faults.broken) throw new Error('the disk blinked');
        throw new ConflictError('There is nothing to do');
      },
    });
  }
}

describe('schedules under three schedulers', () => {
  let database: TestDatabase;
  let workers: INestApplicationContext[];

  const sql = async <T>(text: string) => (await database.client.query(text)).rows as T[];

  beforeEach(async () => {
    faults.broken = false;
    clock.now = new Date('2026-03-01T00:00:00Z');
    database = await createTestDatabase();
    const config = loadConfig({
      DATABASE_URL: database.url,
      DATA_DIR: mkdtempSync(join(tmpdir(), 'shelfcast-schedules-')),
      SCHEDULE_TIMEZONE: 'America/New_York',
    });
    const provider = { provide: SCHEDULE_CLOCK, useValue: () => Promise.resolve(clock.now) };
    // Without processors and timers: nothing takes the jobs, and the schedulers look when told to.
    @Module({
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot('test'),
        QueueModule.forApi(),
        WorkflowModule.forWorker(),
        SchedulesModule.forWorker(provider),
      ],
      providers: [Work],
    })
    class Root {}
    workers = [];
    for (let n = 0; n < 3; n++)
      workers.push(await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false }));
    await sql(`UPDATE schedules SET counts_from = '2026-03-01T00:00:00Z'`);
  });
  afterEach(async () => {
    for (const worker of workers) await worker.close();
    await database.drop();
  });

  /** Lets the time pass, all schedulers looking at once every hour. */
  async function live(until: string): Promise<void> {
    for (; clock.now <= new Date(until); clock.now = new Date(clock.now.getTime() + HOUR_MS))
      await Promise.all(workers.map((worker) => worker.get(Scheduler).look()));
  }
  const daily = async () =>
    (
      await sql<{ day: string }>(`SELECT payload ->> 'day' AS day FROM jobs WHERE kind = 'sales-import' ORDER BY day`)
    ).map(({ day }) => day);

  it('start each tick once, through the day without a 02:30 too', async () => {
    await live('2026-03-10T00:00:00Z');
    expect(await daily()).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((day) => `2026-03-0${day}T07:30:00.000Z`),
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
    expect(await sql(`SELECT count(*)::int AS runs FROM workflow_runs`)).toEqual([{ runs: 2 }]);
    const ticks = await sql<{ job_id: string | null; missed: number }>(
      `SELECT job_id, missed FROM schedule_ticks WHERE schedule = 'daily'`,
    );
    expect(ticks.every(({ job_id, missed }) => job_id !== null && missed === 0)).toBe(true);
  });

  it('would start them three times over were it not for the key of the ticks', async () => {
    await sql(`ALTER TABLE schedule_ticks DROP CONSTRAINT schedule_ticks_pkey`);
    clock.now = new Date('2026-03-01T08:00:00Z');
    // Each has read the schedules before any of them has fired one.
    await sql('BEGIN; SELECT 1 FROM schedules FOR UPDATE');
    const looks = Promise.all(workers.map((worker) => worker.get(Scheduler).look()));
    const waiting = `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await workers[0].get(DataSource).query<{ count: number }[]>(waiting))[0].count < 3) await sleep(20);
    await sql('COMMIT');
    expect((await looks).flat().filter((name) => name === 'daily')).toHaveLength(3);
    expect(await daily()).toEqual(Array<string>(3).fill('2026-03-01T07:30:00.000Z'));
  });

  it('make up for what nobody was there for, once', async () => {
    await live('2026-03-02T12:00:00Z');
    clock.now = new Date('2026-03-06T12:00:00Z');
    await live('2026-03-06T20:00:00Z');
    expect(await daily()).toEqual(['2026-03-01T07:30:00.000Z', '2026-03-02T07:30:00.000Z', '2026-03-06T07:30:00.000Z']);
    expect(await sql(`SELECT missed FROM schedule_ticks WHERE schedule = 'daily' ORDER BY tick DESC LIMIT 1`)).toEqual([
      { missed: 3 },
    ]);
  });

  it('start nothing twice when the clock goes back, and nothing of what was due before they were switched on', async () => {
    await live('2026-03-02T12:00:00Z');
    clock.now = new Date('2026-03-02T06:00:00Z');
    await live('2026-03-02T12:00:00Z');
    expect(await daily()).toHaveLength(2);
    await sql(`UPDATE schedules SET enabled = false WHERE name = 'daily'`);
    await live('2026-03-05T12:00:00Z');
    await sql(`UPDATE schedules SET enabled = true, counts_from = '2026-03-05T12:00:00Z' WHERE name = 'daily'`);
    await live('2026-03-06T12:00:00Z');
    expect(await daily()).toEqual(['2026-03-01T07:30:00.000Z', '2026-03-02T07:30:00.000Z', '2026-03-06T07:30:00.000Z']);
  });

  it('note a refusal as the outcome of the tick, and try again after a fault', async () => {
    const written = () => sql(`SELECT 1 FROM jobs WHERE kind = 'written-and-taken-back'`);
    faults.broken = true;
    clock.now = new Date('2026-03-01T01:00:00Z');
    await live('2026-03-01T01:00:00Z');
    expect(await sql(`SELECT 1 FROM schedule_ticks WHERE schedule = 'hourly'`)).toEqual([]);
    faults.broken = false;
    clock.now = new Date('2026-03-01T01:00:00Z');
    await live('2026-03-01T01:00:00Z');
    expect(await sql(`SELECT error FROM schedule_ticks WHERE schedule = 'hourly'`)).toEqual([
      { error: { code: 'CONFLICT', message: 'There is nothing to do' } },
    ]);
    expect(await written()).toEqual([]);
  });
});

import { MigrationInterface, QueryRunner } from 'typeorm';

/** Schedules, and what was done at each time one came due. */
export class CreateSchedules1764201100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE schedules (
        name text PRIMARY KEY,
        summary text NOT NULL,
        cron text NOT NULL,
        timezone text,
        enabled boolean NOT NULL DEFAULT true,
        version integer NOT NULL DEFAULT 1,
        counts_from timestamptz NOT NULL DEFAULT now(),
        last_tick timestamptz,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    // The key is what lets a tick happen once, however many schedulers see it come due.
    await runner.query(`
      CREATE TABLE schedule_ticks (
        schedule text NOT NULL REFERENCES schedules (name) ON DELETE CASCADE,
        tick timestamptz NOT NULL,
        fired_at timestamptz NOT NULL DEFAULT now(),
        missed integer NOT NULL DEFAULT 0,
        job_id uuid,
        run_id uuid,
        error jsonb,
        PRIMARY KEY (schedule, tick)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE schedule_ticks`);
    await runner.query(`DROP TABLE schedules`);
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts of what befell a job, dead letters, and the runs and steps of workflows. */
export class CreateWorkflows1764201000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE jobs
        ADD COLUMN failures integer NOT NULL DEFAULT 0,
        ADD COLUMN losses integer NOT NULL DEFAULT 0,
        ADD COLUMN checkpoint jsonb,
        ADD COLUMN dead_lettered_at timestamptz`);
    await runner.query(
      `CREATE INDEX jobs_dead_letters ON jobs (kind, dead_lettered_at) WHERE dead_lettered_at IS NOT NULL`,
    );
    await runner.query(`CREATE INDEX jobs_kind_state ON jobs (kind, state)`);
    await runner.query(`
      CREATE TABLE workflow_runs (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        name text NOT NULL,
        state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
        input jsonb NOT NULL,
        shape jsonb NOT NULL,
        dedupe_key text,
        outcome text,
        result jsonb,
        error jsonb,
        cancel_requested boolean NOT NULL DEFAULT false,
        correlation_id text,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
      )`);
    // One unfinished run per key: a second identical request joins the first.
    await runner.query(
      `CREATE UNIQUE INDEX workflow_runs_unfinished_dedupe ON workflow_runs (dedupe_key) WHERE state = 'running'`,
    );
    await runner.query(`CREATE INDEX workflow_runs_name ON workflow_runs (name, sequence)`);
    await runner.query(`CREATE INDEX workflow_runs_state ON workflow_runs (state, sequence)`);
    await runner.query(`
      CREATE TABLE workflow_steps (
        run_id uuid NOT NULL REFERENCES workflow_runs (id) ON DELETE CASCADE,
        step text NOT NULL,
        shard integer NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'pending'
          CHECK (state IN ('pending', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
        descriptor jsonb,
        job_id uuid UNIQUE REFERENCES jobs (id) ON DELETE SET NULL,
        output jsonb,
        shards jsonb,
        skip_rest text,
        error jsonb,
        PRIMARY KEY (run_id, step, shard)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE workflow_steps`);
    await runner.query(`DROP TABLE workflow_runs`);
    await runner.query(`DROP INDEX jobs_kind_state`);
    await runner.query(`DROP INDEX jobs_dead_letters`);
    await runner.query(`
      ALTER TABLE jobs
        DROP COLUMN failures,
        DROP COLUMN losses,
        DROP COLUMN checkpoint,
        DROP COLUMN dead_lettered_at`);
  }
}

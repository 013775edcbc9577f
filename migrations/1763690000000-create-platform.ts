import { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs (the truth behind the queues) and the answers kept for idempotent retries. */
export class CreatePlatform1763690000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE jobs (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        kind text NOT NULL,
        state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        payload jsonb NOT NULL DEFAULT '{}',
        dedupe_key text,
        percent smallint NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
        step text NOT NULL DEFAULT '',
        message text NOT NULL DEFAULT '',
        result jsonb,
        error jsonb,
        attempt integer NOT NULL DEFAULT 0,
        cancel_requested boolean NOT NULL DEFAULT false,
        correlation_id text,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        enqueued_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        heartbeat_at timestamptz,
        finished_at timestamptz
      )`);
    // One unfinished job per key: a second identical request joins the first.
    await runner.query(
      `CREATE UNIQUE INDEX jobs_unfinished_dedupe ON jobs (dedupe_key) WHERE state IN ('queued', 'running')`,
    );
    await runner.query(`CREATE INDEX jobs_unfinished ON jobs (enqueued_at) WHERE state IN ('queued', 'running')`);
    await runner.query(`
      CREATE TABLE idempotency_keys (
        principal text NOT NULL,
        key text NOT NULL,
        request_hash text NOT NULL,
        status smallint,
        headers jsonb,
        body text,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (principal, key)
      )`);
    await runner.query(`CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE idempotency_keys`);
    await runner.query(`DROP TABLE jobs`);
  }
}

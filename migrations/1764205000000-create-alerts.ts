import { MigrationInterface, QueryRunner } from 'typeorm';

/** What somebody should look at. The same matter raised again while it is unresolved counts up instead of standing twice. */
export class CreateAlerts1764205000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE alerts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        alert_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        kind text NOT NULL,
        severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
        subject text NOT NULL,
        detail jsonb NOT NULL DEFAULT '{}',
        dedupe_key text NOT NULL,
        state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'acknowledged', 'resolved')),
        occurrences integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        acknowledged_at timestamptz,
        acknowledged_by text,
        resolved_at timestamptz,
        resolved_by text
      )`);
    await runner.query(`CREATE UNIQUE INDEX alerts_unresolved ON alerts (dedupe_key) WHERE state <> 'resolved'`);
    await runner.query(`CREATE INDEX alerts_by_state ON alerts (state, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE alerts`);
  }
}

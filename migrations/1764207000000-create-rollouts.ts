import { MigrationInterface, QueryRunner } from 'typeorm';

/** Rollouts of models: one under way at a time, each step of it with its reason. */
export class CreateRollouts1764207000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE rollouts (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        rollout_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        candidate integer NOT NULL REFERENCES model_versions (id),
        champion integer NOT NULL REFERENCES model_versions (id),
        state text NOT NULL DEFAULT 'shadow'
          CHECK (state IN ('shadow', 'canary', 'completed', 'rolled_back', 'aborted')),
        share double precision NOT NULL DEFAULT 0 CHECK (share BETWEEN 0 AND 1),
        stage_since date NOT NULL,
        reason text,
        started_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        CHECK (candidate <> champion)
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX rollouts_one_under_way ON rollouts ((true)) WHERE state IN ('shadow', 'canary')`,
    );
    await runner.query(`
      CREATE TABLE rollout_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        rollout integer NOT NULL REFERENCES rollouts (id),
        at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        action text NOT NULL,
        state text NOT NULL,
        share double precision NOT NULL,
        reason text NOT NULL,
        measures jsonb
      )`);
    await runner.query(`CREATE INDEX rollout_events_rollout ON rollout_events (rollout)`);
    await runner.query(`ALTER TABLE forecast_runs ADD COLUMN compute_ms integer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE forecast_runs DROP COLUMN compute_ms`);
    await runner.query(`DROP TABLE rollout_events`);
    await runner.query(`DROP TABLE rollouts`);
  }
}

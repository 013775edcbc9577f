import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An experiment is a rollout that keeps its share and is compared, not promoted. A model that was trained to be looked at
 * is an experiment too.
 */
export class ExperimentsOfModels1764210000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE rollouts
        ADD COLUMN kind text NOT NULL DEFAULT 'rollout' CHECK (kind IN ('rollout', 'experiment')),
        ADD COLUMN name text,
        ADD COLUMN target_share double precision CHECK (target_share > 0 AND target_share < 1),
        DROP CONSTRAINT rollouts_state_check,
        ADD CONSTRAINT rollouts_state_check
          CHECK (state IN ('shadow', 'canary', 'testing', 'completed', 'rolled_back', 'aborted', 'stopped')),
        ADD CONSTRAINT rollouts_experiment CHECK ((kind = 'experiment') = (target_share IS NOT NULL))`);
    await runner.query(`DROP INDEX rollouts_one_under_way`);
    await runner.query(
      `CREATE UNIQUE INDEX rollouts_one_under_way ON rollouts ((true)) WHERE state IN ('shadow', 'canary', 'testing')`,
    );
    await runner.query(`
      ALTER TABLE model_versions
        DROP CONSTRAINT model_versions_stage_check,
        ADD CONSTRAINT model_versions_stage_check
          CHECK (stage IN ('candidate', 'experiment', 'failed', 'registered', 'champion', 'archived'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE model_versions SET stage = 'failed' WHERE stage = 'experiment'`);
    await runner.query(`
      ALTER TABLE model_versions
        DROP CONSTRAINT model_versions_stage_check,
        ADD CONSTRAINT model_versions_stage_check
          CHECK (stage IN ('candidate', 'failed', 'registered', 'champion', 'archived'))`);
    await runner.query(
      `DELETE FROM rollout_events WHERE rollout IN (SELECT id FROM rollouts WHERE kind = 'experiment')`,
    );
    await runner.query(`DELETE FROM rollouts WHERE kind = 'experiment'`);
    await runner.query(`DROP INDEX rollouts_one_under_way`);
    await runner.query(
      `CREATE UNIQUE INDEX rollouts_one_under_way ON rollouts ((true)) WHERE state IN ('shadow', 'canary')`,
    );
    await runner.query(`
      ALTER TABLE rollouts
        DROP CONSTRAINT rollouts_experiment,
        DROP CONSTRAINT rollouts_state_check,
        ADD CONSTRAINT rollouts_state_check
          CHECK (state IN ('shadow', 'canary', 'completed', 'rolled_back', 'aborted')),
        DROP COLUMN target_share,
        DROP COLUMN name,
        DROP COLUMN kind`);
  }
}

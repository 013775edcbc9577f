import { MigrationInterface, QueryRunner } from 'typeorm';

/** A model that fails the gate and one that passed it are told apart, and each names the features it learned from. */
export class StagesOfModels1764206000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE model_versions
        DROP CONSTRAINT model_versions_stage_check,
        ADD CONSTRAINT model_versions_stage_check
          CHECK (stage IN ('candidate', 'failed', 'registered', 'champion', 'archived')),
        ADD COLUMN features_uri text,
        ADD COLUMN features_hash text`);
    // So far a candidate that had not become the champion had failed.
    await runner.query(`UPDATE model_versions SET stage = 'failed' WHERE stage = 'candidate'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE model_versions SET stage = 'candidate' WHERE stage IN ('failed', 'registered')`);
    await runner.query(`
      ALTER TABLE model_versions
        DROP CONSTRAINT model_versions_stage_check,
        ADD CONSTRAINT model_versions_stage_check CHECK (stage IN ('candidate', 'champion', 'archived')),
        DROP COLUMN features_uri,
        DROP COLUMN features_hash`);
  }
}

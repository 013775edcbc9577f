import { MigrationInterface, QueryRunner } from 'typeorm';

/** The texts of models, beside the object store: what serves requests reads them here. */
export class KeepModels1764280200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_texts (
        version text PRIMARY KEY,
        gzip bytea NOT NULL,
        stored_at timestamptz NOT NULL DEFAULT now()
      )`);
    // It is compressed already.
    await runner.query(`ALTER TABLE model_texts ALTER COLUMN gzip SET STORAGE EXTERNAL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE model_texts`);
  }
}

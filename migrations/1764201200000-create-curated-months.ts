import { MigrationInterface, QueryRunner } from 'typeorm';

/** The months of sales that stand as files in the curated zone of the object store. */
export class CreateCuratedMonths1764201200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE curated_months (
        month date PRIMARY KEY,
        sales_rows integer NOT NULL,
        object_key text NOT NULL,
        bytes bigint NOT NULL,
        sha256 text NOT NULL,
        run_id uuid NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now(),
        checked_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE curated_months`);
  }
}

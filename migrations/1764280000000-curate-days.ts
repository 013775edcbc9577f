import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The days of sales that stand as files in the curated zone of the object store. Files of whole months, which
 * `curated_months` names, are there until the days they hold have been written.
 */
export class CurateDays1764280000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE curated_days (
        date date PRIMARY KEY,
        sales_rows integer NOT NULL,
        object_key text NOT NULL,
        bytes bigint NOT NULL,
        sha256 text NOT NULL,
        tag text NOT NULL,
        run_id uuid NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE curated_days`);
  }
}

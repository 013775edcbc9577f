import { MigrationInterface, QueryRunner } from 'typeorm';

/** Which load changed the sales of a place and day last, so that exactly those are judged again. */
export class DateChangesOfSales1764220200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE sales_daily ADD COLUMN load_sequence bigint NOT NULL DEFAULT 0`);
    await runner.query(`CREATE INDEX sales_daily_load ON sales_daily (load_sequence)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX sales_daily_load`);
    await runner.query(`ALTER TABLE sales_daily DROP COLUMN load_sequence`);
  }
}

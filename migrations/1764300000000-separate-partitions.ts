import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A schema for the partitions that workers make: so they need not create in the one that everybody's names are looked up in.
 * Those that are there stay where they are; workers look into both.
 */
export class SeparatePartitions1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE SCHEMA partitions`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$
      DECLARE
        part regclass;
      BEGIN
        FOR part IN SELECT oid FROM pg_class WHERE relnamespace = 'partitions'::regnamespace AND relkind = 'r' LOOP
          EXECUTE format('ALTER TABLE %s SET SCHEMA public', part);
        END LOOP;
      END $$`);
    await runner.query(`DROP SCHEMA partitions`);
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/** What was found odd in the sales of each upload, and on each day. */
export class JudgeQuality1764270200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Null until the series have been looked at, which happens after the load.
    await runner.query(`ALTER TABLE uploads ADD COLUMN series_findings jsonb`);
    await runner.query(`
      CREATE TABLE quality_days (
        upload uuid NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        date date NOT NULL,
        kind text NOT NULL,
        count integer NOT NULL CHECK (count > 0),
        PRIMARY KEY (upload, date, kind)
      )`);
    await runner.query(`CREATE INDEX quality_days_date ON quality_days (date)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE quality_days`);
    await runner.query(`ALTER TABLE uploads DROP COLUMN series_findings`);
  }
}

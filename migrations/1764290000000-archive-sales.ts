import { MigrationInterface, QueryRunner } from 'typeorm';

/** Months of sales that were taken out of the tables and stand as files in the object store. */
export class ArchiveSales1764290000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE archived_months (
        month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
        sales_rows bigint NOT NULL,
        quantity double precision NOT NULL,
        object_key text NOT NULL,
        bytes bigint NOT NULL,
        sha256 text NOT NULL,
        archived_at timestamptz NOT NULL DEFAULT now(),
        restored_at timestamptz,
        keep_until timestamptz,
        CHECK ((restored_at IS NULL) = (keep_until IS NULL))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const [{ gone }] = (await runner.query(
      `SELECT count(*)::int AS gone FROM archived_months WHERE restored_at IS NULL`,
    )) as { gone: number }[];
    // Without the table nobody would know that the sales of these months are incomplete, or where they went.
    if (gone > 0) throw new Error(`${gone} months of sales are in the archive: restore them first`);
    await runner.query(`DROP TABLE archived_months`);
  }
}

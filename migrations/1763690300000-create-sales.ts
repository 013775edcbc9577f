import { MigrationInterface, QueryRunner } from 'typeorm';

/** Daily sales in monthly partitions, and the uploads they came from. */
export class CreateSales1763690300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE uploads (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        filename text NOT NULL,
        bytes bigint NOT NULL,
        sha256 text NOT NULL,
        object_key text NOT NULL,
        state text NOT NULL DEFAULT 'queued'
          CHECK (state IN ('queued', 'loading', 'loaded', 'held', 'failed', 'cancelled')),
        job_id uuid REFERENCES jobs (id),
        report jsonb,
        rejected_key text,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
      )`);
    // The same content twice is one upload, also when it arrives many times at once.
    await runner.query(
      `CREATE UNIQUE INDEX uploads_content ON uploads (sha256) WHERE state NOT IN ('failed', 'cancelled')`,
    );
    await runner.query(`CREATE INDEX uploads_newest ON uploads (created_at DESC, id)`);
    // No foreign keys on the facts: they would cost a look-up per loaded row, and loads only use keys they just resolved.
    await runner.query(`
      CREATE TABLE sales (
        product integer NOT NULL,
        location integer NOT NULL,
        date date NOT NULL,
        quantity_sold double precision NOT NULL CHECK (quantity_sold >= 0),
        revenue double precision,
        price double precision,
        on_hand double precision,
        promotion real,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (product, location, date)
      ) PARTITION BY RANGE (date)`);
    await runner.query(`
      CREATE FUNCTION ensure_sales_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        first date := date_trunc('month', month)::date;
        name text := 'sales_' || to_char(first, 'YYYY_MM');
      BEGIN
        IF to_regclass(name) IS NULL THEN
          PERFORM pg_advisory_xact_lock(hashtext(name));
          EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF sales FOR VALUES FROM (%L) TO (%L)',
                         name, first, (first + interval '1 month')::date);
        END IF;
      END $$`);
    // The data's own clock in one row, so that nobody scans the partitions to ask what day it is.
    await runner.query(`
      CREATE TABLE data_clock (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        business_date date,
        first_date date,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`INSERT INTO data_clock DEFAULT VALUES`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE data_clock`);
    await runner.query(`DROP TABLE sales`);
    await runner.query(`DROP FUNCTION ensure_sales_partition`);
    await runner.query(`DROP TABLE uploads`);
  }
}

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
        released_by uuid,
        released_at timestamptz,
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
    // Attached and not created in place: that would lock readers out of all sales until the load commits.
    await runner.query(`
      CREATE FUNCTION ensure_sales_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        first date := make_date(extract(year FROM month)::int, extract(month FROM month)::int, 1);
        next date := (first + interval '1 month')::date;
        name text := 'sales_' || to_char(first, 'YYYY_MM');
      BEGIN
        IF to_regclass(name) IS NULL THEN
          PERFORM pg_advisory_xact_lock(hashtext('sales partition'));
          IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE sales INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', name);
            EXECUTE format('ALTER TABLE sales ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first, next);
          END IF;
        END IF;
      END $$`);
    // Kept up by each load, so that totals, gaps and the newest stock are read without a look at the facts.
    await runner.query(`
      CREATE TABLE sales_daily (
        location integer NOT NULL,
        date date NOT NULL,
        sales_rows integer NOT NULL,
        zero_rows integer NOT NULL,
        quantity double precision NOT NULL,
        revenue double precision NOT NULL,
        PRIMARY KEY (location, date)
      )`);
    await runner.query(`
      CREATE TABLE sales_series (
        product integer NOT NULL,
        location integer NOT NULL,
        sales_rows integer NOT NULL,
        first_date date NOT NULL,
        last_date date NOT NULL,
        on_hand double precision,
        on_hand_date date,
        PRIMARY KEY (product, location)
      )`);
    // The data's own clock in one row, so that nobody scans the partitions to ask what day it is; load_sequence counts
    // the loads that changed anything.
    await runner.query(`
      CREATE TABLE data_clock (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        business_date date,
        first_date date,
        load_sequence bigint NOT NULL DEFAULT 0,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`INSERT INTO data_clock DEFAULT VALUES`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['data_clock', 'sales_series', 'sales_daily']) await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP TABLE sales`);
    await runner.query(`DROP FUNCTION ensure_sales_partition`);
    await runner.query(`DROP TABLE uploads`);
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Forecasts that were replaced stay as vintages. A run is written first and published afterwards, for all its series or
 * for some; `run_series` tells what each run holds and since when it is published, `forecast_series` what is current.
 * `forecast_clock` counts publications, so that caches see each of them.
 */
export class KeepVintages1764204000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE forecast_runs
        ADD COLUMN published_at timestamptz,
        ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '90 days',
        ADD COLUMN archive_key text,
        ADD COLUMN archive_sha256 text,
        ADD COLUMN archived_at timestamptz`);
    await runner.query(`
      UPDATE forecast_runs SET published_at = generated_at, expires_at = generated_at + interval '90 days'`);
    await runner.query(`CREATE INDEX forecast_runs_kept ON forecast_runs (expires_at) WHERE archived_at IS NULL`);
    await runner.query(`
      CREATE TABLE run_series (
        run integer NOT NULL REFERENCES forecast_runs (id),
        product integer NOT NULL,
        location integer NOT NULL,
        data_sufficiency text NOT NULL CHECK (data_sufficiency IN ('full', 'limited', 'cold_start')),
        segment text NOT NULL,
        dispersion real NOT NULL,
        published_at timestamptz,
        PRIMARY KEY (product, location, run)
      )`);
    await runner.query(`CREATE INDEX run_series_run ON run_series (run)`);
    await runner.query(`
      INSERT INTO run_series (run, product, location, data_sufficiency, segment, dispersion, published_at)
      SELECT s.run, s.product, s.location, s.data_sufficiency, s.segment, s.dispersion, r.generated_at
      FROM forecast_series AS s JOIN forecast_runs AS r ON r.id = s.run`);
    // Runs are written one after the other, so a few pages' smallest and greatest run find all rows of one.
    await runner.query(`
      CREATE INDEX forecasts_run ON forecasts USING brin (run) WITH (pages_per_range = 32, autosummarize = on)`);
    await runner.query(`
      CREATE TABLE forecast_clock (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        publications bigint NOT NULL
      )`);
    await runner.query(`INSERT INTO forecast_clock (publications) VALUES (0)`);
    // One row a product, place and day under the keys of a key-value store, as other systems ask for it.
    await runner.query(`
      CREATE VIEW forecast_items AS
      SELECT 'SKU#' || p.sku AS pk,
        'LOC#' || l.code || '#DATE#' || to_char(f.forecast_date, 'YYYY-MM-DD') AS sk,
        f.mean AS forecast_val, f.p10 AS confidence_lower, f.p90 AS confidence_upper,
        extract(epoch FROM r.expires_at)::bigint AS ttl
      FROM forecast_series AS s
      JOIN forecasts AS f ON f.product = s.product AND f.location = s.location AND f.run = s.run
      JOIN forecast_runs AS r ON r.id = s.run
      JOIN products AS p ON p.id = s.product
      JOIN locations AS l ON l.id = s.location`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP VIEW forecast_items`);
    await runner.query(`DROP TABLE forecast_clock`);
    await runner.query(`DROP INDEX forecasts_run`);
    await runner.query(`DROP TABLE run_series`);
    await runner.query(`
      ALTER TABLE forecast_runs
        DROP COLUMN published_at,
        DROP COLUMN expires_at,
        DROP COLUMN archive_key,
        DROP COLUMN archive_sha256,
        DROP COLUMN archived_at`);
  }
}

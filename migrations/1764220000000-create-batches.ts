import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a run of forecasts was made from and had to do without, and the forecasts of whole weeks: runs of their own, since
 * the quantiles of a week are not the sums of those of its days.
 */
export class CreateBatches1764220000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The hash tells runs of everything from the same sales by the same model; null where a run is of some series.
    await runner.query(`
      ALTER TABLE forecast_runs
        ADD COLUMN data_hash text,
        ADD COLUMN degraded text[] NOT NULL DEFAULT '{}'`);
    await runner.query(`
      CREATE TABLE weekly_runs (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        run_id uuid NOT NULL UNIQUE,
        model integer NOT NULL REFERENCES model_versions (id),
        business_date date NOT NULL,
        data_hash text NOT NULL,
        weeks integer NOT NULL,
        series_count integer NOT NULL,
        levels real[] NOT NULL,
        degraded text[] NOT NULL,
        generated_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz,
        expires_at timestamptz NOT NULL DEFAULT now() + interval '90 days'
      )`);
    await runner.query(`CREATE INDEX weekly_runs_date ON weekly_runs (business_date, id)`);
    await runner.query(`
      CREATE TABLE weekly_forecasts (
        product integer NOT NULL,
        location integer NOT NULL,
        run integer NOT NULL REFERENCES weekly_runs (id) ON DELETE CASCADE,
        week date NOT NULL CHECK (extract(isodow FROM week) = 1),
        data_sufficiency text NOT NULL CHECK (data_sufficiency IN ('full', 'limited', 'cold_start')),
        mean real NOT NULL CHECK (mean >= 0),
        p10 real NOT NULL CHECK (p10 >= 0),
        p50 real NOT NULL,
        p90 real NOT NULL,
        confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        quantiles real[] NOT NULL,
        PRIMARY KEY (product, location, run, week),
        CHECK (p10 <= p50 AND p50 <= p90)
      )`);
    await runner.query(`CREATE INDEX weekly_forecasts_run ON weekly_forecasts (run)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE weekly_forecasts`);
    await runner.query(`DROP TABLE weekly_runs`);
    await runner.query(`ALTER TABLE forecast_runs DROP COLUMN data_hash, DROP COLUMN degraded`);
  }
}

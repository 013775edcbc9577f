import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Model registry, forecast runs and forecasts. `location = 0` is the sum over the locations of a product.
 * `forecast_series` points at the run that is current for a series, so that a run for a few products replaces only theirs.
 */
export class CreateForecasts1763690500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE model_versions (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        version text NOT NULL UNIQUE,
        stage text NOT NULL CHECK (stage IN ('candidate', 'champion', 'archived')),
        artefact_key text NOT NULL,
        artefact_sha256 text NOT NULL,
        data_hash text NOT NULL,
        code_version text NOT NULL,
        parameters jsonb NOT NULL,
        seed bigint NOT NULL,
        train_start date NOT NULL,
        train_end date NOT NULL,
        metrics jsonb NOT NULL,
        weights jsonb NOT NULL,
        job_id uuid REFERENCES jobs (id),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX model_versions_one_champion ON model_versions (stage) WHERE stage = 'champion'`,
    );
    // What holds for every row of a run stands here once: the levels of the quantiles, the names of the ensemble's
    // members and how the variance of a sum of days grows against the sum of the daily variances.
    await runner.query(`
      CREATE TABLE forecast_runs (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        run_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        model integer NOT NULL REFERENCES model_versions (id),
        business_date date NOT NULL,
        horizon_days integer NOT NULL,
        series_count integer NOT NULL,
        levels real[] NOT NULL,
        members text[] NOT NULL,
        sum_inflation real[] NOT NULL,
        job_id uuid REFERENCES jobs (id),
        generated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE forecast_series (
        product integer NOT NULL,
        location integer NOT NULL,
        run integer NOT NULL REFERENCES forecast_runs (id),
        data_sufficiency text NOT NULL CHECK (data_sufficiency IN ('full', 'limited', 'cold_start')),
        segment text NOT NULL,
        dispersion real NOT NULL,
        PRIMARY KEY (product, location)
      )`);
    await runner.query(`CREATE INDEX forecast_series_run ON forecast_series (run)`);
    await runner.query(`CREATE INDEX forecast_series_location ON forecast_series (location, product)`);
    await runner.query(`
      CREATE TABLE forecasts (
        product integer NOT NULL,
        location integer NOT NULL,
        run integer NOT NULL,
        forecast_date date NOT NULL,
        mean real NOT NULL CHECK (mean >= 0),
        p10 real NOT NULL CHECK (p10 >= 0),
        p50 real NOT NULL,
        p90 real NOT NULL,
        confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        quantiles real[] NOT NULL,
        members real[] NOT NULL,
        PRIMARY KEY (product, location, run, forecast_date),
        CHECK (p10 <= p50 AND p50 <= p90)
      )`);
    await runner.query(`
      CREATE TABLE holdout_forecasts (
        model integer NOT NULL REFERENCES model_versions (id),
        product integer NOT NULL,
        location integer NOT NULL,
        date date NOT NULL,
        horizon smallint NOT NULL,
        actual real NOT NULL,
        mean real NOT NULL,
        seasonal_naive real NOT NULL,
        p10 real NOT NULL,
        p50 real NOT NULL,
        p90 real NOT NULL,
        quantiles real[] NOT NULL,
        PRIMARY KEY (product, location, model, date)
      )`);
    await runner.query(`CREATE INDEX holdout_forecasts_model ON holdout_forecasts (model)`);
    // Errors of the seasonal naive forecast before the held-out days: what MASE and RMSSE divide by.
    await runner.query(`
      CREATE TABLE holdout_scales (
        model integer NOT NULL REFERENCES model_versions (id),
        product integer NOT NULL,
        location integer NOT NULL,
        mean_absolute double precision,
        mean_squared double precision,
        PRIMARY KEY (product, location, model)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'holdout_scales',
      'holdout_forecasts',
      'forecasts',
      'forecast_series',
      'forecast_runs',
      'model_versions',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/** How forecasts did once the days were over: sums that add up to any cut, and the days that nobody expected. */
export class WatchForecasts1764208000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The horizon of a row is date - vintage.
    await runner.query(`
      CREATE TABLE live_accuracy (
        date date NOT NULL,
        model integer NOT NULL REFERENCES model_versions (id),
        vintage date NOT NULL,
        segment text NOT NULL,
        count integer NOT NULL,
        units double precision NOT NULL,
        error double precision NOT NULL,
        absolute double precision NOT NULL,
        squared double precision NOT NULL,
        inside integer NOT NULL,
        pinball_p10 double precision NOT NULL,
        pinball_p50 double precision NOT NULL,
        pinball_p90 double precision NOT NULL,
        PRIMARY KEY (date, model, vintage, segment),
        CHECK (vintage < date)
      )`);
    await runner.query(`CREATE INDEX live_accuracy_model ON live_accuracy (model, date)`);
    await runner.query(`
      CREATE TABLE forecast_anomalies (
        date date NOT NULL,
        product integer NOT NULL,
        location integer NOT NULL,
        kind text NOT NULL CHECK (kind IN ('outlier', 'streak')),
        side text NOT NULL CHECK (side IN ('above', 'below')),
        actual double precision NOT NULL,
        mean real NOT NULL,
        lower real NOT NULL,
        upper real NOT NULL,
        run integer NOT NULL REFERENCES forecast_runs (id),
        PRIMARY KEY (date, product, location, kind)
      )`);
    await runner.query(`CREATE INDEX forecast_anomalies_series ON forecast_anomalies (product, location, date)`);
    await runner.query(`
      CREATE TABLE monitoring_clock (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        load_sequence bigint NOT NULL,
        date date
      )`);
    await runner.query(`INSERT INTO monitoring_clock (load_sequence) VALUES (0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['monitoring_clock', 'forecast_anomalies', 'live_accuracy'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

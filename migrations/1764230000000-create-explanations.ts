import { MigrationInterface, QueryRunner } from 'typeorm';

/** What drives a stored forecast, taken apart on request; gone with the forecast. */
export class CreateExplanations1764230000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Arrays hold the days of the run's horizon, each with the drivers in the order of the forecasting library.
    await runner.query(`
      CREATE TABLE forecast_explanations (
        product integer NOT NULL,
        location integer NOT NULL,
        run integer NOT NULL,
        contributions real[] NOT NULL,
        previous_run integer REFERENCES forecast_runs (id),
        previous real[],
        PRIMARY KEY (product, location, run),
        FOREIGN KEY (product, location, run) REFERENCES run_series (product, location, run) ON DELETE CASCADE,
        CHECK ((previous_run IS NULL) = (previous IS NULL))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE forecast_explanations`);
  }
}

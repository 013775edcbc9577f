import { MigrationInterface, QueryRunner } from 'typeorm';

/** What each group of signals gains, measured on the history that a version of the model learned from. */
export class MeasureSignals1764295000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The comparisons are null for a group that is off or of which there are no data.
    await runner.query(`
      CREATE TABLE signal_gains (
        model integer NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
        signal_group text NOT NULL,
        verdict text NOT NULL
          CHECK (verdict IN ('gains', 'no_measurable_gain', 'harms', 'off', 'no_data')),
        overall jsonb,
        by_segment jsonb,
        measured_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (model, signal_group),
        CHECK ((overall IS NULL) = (verdict IN ('off', 'no_data')) AND (overall IS NULL) = (by_segment IS NULL))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE signal_gains`);
  }
}

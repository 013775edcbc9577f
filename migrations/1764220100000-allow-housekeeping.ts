import { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets finished work be found by its age, and a run of forecasts outlive the job that made it. */
export class AllowHousekeeping1764220100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL`);
    await runner.query(`ALTER TABLE workflow_runs ADD COLUMN files_removed_at timestamptz`);
    await runner.query(
      `CREATE INDEX workflow_runs_finished ON workflow_runs (finished_at) WHERE finished_at IS NOT NULL`,
    );
    await runner.query(`
      ALTER TABLE forecast_runs
        DROP CONSTRAINT forecast_runs_job_id_fkey,
        ADD CONSTRAINT forecast_runs_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE SET NULL`);
    // Looked up for each job that is removed.
    await runner.query(`CREATE INDEX forecast_runs_job ON forecast_runs (job_id)`);
    await runner.query(`CREATE INDEX uploads_job ON uploads (job_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX uploads_job`);
    await runner.query(`DROP INDEX forecast_runs_job`);
    await runner.query(`
      ALTER TABLE forecast_runs
        DROP CONSTRAINT forecast_runs_job_id_fkey,
        ADD CONSTRAINT forecast_runs_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id)`);
    await runner.query(`DROP INDEX workflow_runs_finished`);
    await runner.query(`ALTER TABLE workflow_runs DROP COLUMN files_removed_at`);
    await runner.query(`DROP INDEX jobs_finished`);
  }
}

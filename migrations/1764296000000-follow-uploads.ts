import { MigrationInterface, QueryRunner } from 'typeorm';

/** What follows from the load of an upload, so that its steps can be told from the first to the last. */
export class FollowUploads1764296000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE uploads
        ADD COLUMN signals_job_id uuid REFERENCES jobs (id),
        ADD COLUMN quality_job_id uuid REFERENCES jobs (id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE uploads DROP COLUMN quality_job_id, DROP COLUMN signals_job_id`);
  }
}

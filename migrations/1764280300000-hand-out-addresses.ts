import { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses in the drop folder that somebody was given to put a file to, so that the upload is theirs. */
export class HandOutAddresses1764280300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE drop_addresses (
        object_key text PRIMARY KEY,
        created_by uuid NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE drop_addresses`);
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known of the files that somebody put into the drop folder of the object store, while they lie there. */
export class TakeDroppedFiles1764280100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dropped_files (
        object_key text PRIMARY KEY,
        tag text NOT NULL,
        bytes bigint NOT NULL,
        state text NOT NULL DEFAULT 'seen' CHECK (state IN ('seen', 'taken', 'refused')),
        seen_at timestamptz NOT NULL DEFAULT now(),
        failures integer NOT NULL DEFAULT 0,
        upload_id uuid REFERENCES uploads (id),
        reason text
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE dropped_files`);
  }
}

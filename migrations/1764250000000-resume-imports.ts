import { MigrationInterface, QueryRunner } from 'typeorm';

/** What imports have read so far, for another attempt to go on from. */
export class ResumeImports1764250000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Tables of staged rows come and go with the uploads, so they live apart.
    await runner.query(`CREATE SCHEMA staging`);
    // Unlogged as the staged rows are: a crash of the server empties both, and the import starts over.
    await runner.query(`
      CREATE UNLOGGED TABLE staging.import_checkpoints (
        upload uuid NOT NULL,
        chunk integer NOT NULL,
        state bytea NOT NULL,
        notes bytea NOT NULL,
        keys bytea NOT NULL,
        rejected bytea NOT NULL,
        PRIMARY KEY (upload, chunk)
      )`);
    // Written once and read once at most: not worth compressing.
    for (const column of ['state', 'notes', 'keys', 'rejected'])
      await runner.query(`ALTER TABLE staging.import_checkpoints ALTER COLUMN ${column} SET STORAGE EXTERNAL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SCHEMA staging CASCADE`);
  }
}

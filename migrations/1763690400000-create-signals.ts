import { MigrationInterface, QueryRunner } from 'typeorm';

/** Calendar of festivals and other dated events that move demand. */
export class CreateSignals1763690400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE calendar_events (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        date date NOT NULL,
        name text NOT NULL,
        kind text NOT NULL DEFAULT 'festival',
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (date, name)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE calendar_events`);
  }
}

import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Daily values from outside (weather, economy, market, traffic, local events) as they were known at the time, how the
 * services they come from fared, and where each event of the calendar comes from.
 */
export class StoreSignals1764260000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A value that is published later gets a row of its own: the past must not know revisions. Location 0 = everywhere.
    await runner.query(`
      CREATE TABLE signal_values (
        signal text NOT NULL,
        location integer NOT NULL,
        date date NOT NULL,
        known_from date NOT NULL,
        value double precision NOT NULL CHECK (value BETWEEN -1e15 AND 1e15),
        provider text NOT NULL,
        fetched_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (signal, location, date, known_from)
      )`);
    await runner.query(`
      CREATE TABLE signal_calls (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source text NOT NULL,
        provider text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        succeeded boolean NOT NULL,
        attempts integer NOT NULL,
        duration_ms integer NOT NULL,
        error text
      )`);
    await runner.query(`CREATE INDEX signal_calls_source ON signal_calls (source, at)`);
    await runner.query(`
      CREATE TABLE signal_breakers (
        source text PRIMARY KEY,
        open boolean NOT NULL,
        state jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`ALTER TABLE calendar_events ADD COLUMN source text NOT NULL DEFAULT 'planner'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE calendar_events DROP COLUMN source`);
    await runner.query(`DROP TABLE signal_breakers`);
    await runner.query(`DROP TABLE signal_calls`);
    await runner.query(`DROP TABLE signal_values`);
  }
}

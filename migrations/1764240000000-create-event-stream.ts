import { MigrationInterface, QueryRunner } from 'typeorm';

/** Sales that arrive event by event: what waits to be stored, the ids seen, the running totals and the raw shards. */
export class CreateEventStream1764240000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE stream_shards (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        day date NOT NULL,
        number integer NOT NULL,
        events bigint NOT NULL DEFAULT 0,
        bytes bigint NOT NULL DEFAULT 0,
        opened_at timestamptz NOT NULL DEFAULT now(),
        closed_at timestamptz,
        landed_at timestamptz,
        object_key text,
        sha256 text,
        UNIQUE (day, number)
      )`);
    await runner.query(`CREATE UNIQUE INDEX stream_shards_open ON stream_shards (day) WHERE closed_at IS NULL`);
    await runner.query(`CREATE INDEX stream_shards_to_land ON stream_shards (id) WHERE landed_at IS NULL`);
    // One row for each request and not for each event: a batch is marked, and removed, by one change of one row, which
    // leaves its arrays where they are.
    await runner.query(`
      CREATE TABLE stream_batches (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        events integer NOT NULL,
        bytes integer NOT NULL,
        event_ids text[] NOT NULL,
        days integer[] NOT NULL,
        products text[] NOT NULL,
        locations text[] NOT NULL,
        quantities double precision[] NOT NULL,
        prices double precision[] NOT NULL,
        lines text NOT NULL,
        shard bigint REFERENCES stream_shards (id)
      ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)`);
    // They live for minutes: packing them would cost more than it saves.
    for (const column of ['event_ids', 'days', 'products', 'locations', 'quantities', 'prices', 'lines'])
      await runner.query(`ALTER TABLE stream_batches ALTER COLUMN ${column} SET STORAGE EXTERNAL`);
    // A batch without a shard has not been stored.
    await runner.query(`CREATE INDEX stream_batches_waiting ON stream_batches (id) WHERE shard IS NULL`);
    await runner.query(`CREATE INDEX stream_batches_shard ON stream_batches (shard, id) WHERE shard IS NOT NULL`);
    // By the day an event was stored, so that old ids go with their partition. That an id is in no other partition is
    // seen to by whoever stores: they stand in line.
    await runner.query(`
      CREATE TABLE stream_ids (
        event_id text COLLATE "C" NOT NULL,
        day date NOT NULL,
        PRIMARY KEY (event_id, day)
      ) PARTITION BY RANGE (day)`);
    await runner.query(`
      CREATE FUNCTION ensure_stream_ids(day date) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        name text := 'stream_ids_' || to_char(day, 'YYYY_MM_DD');
      BEGIN
        IF to_regclass(name) IS NULL THEN
          EXECUTE format('CREATE TABLE %I (LIKE stream_ids INCLUDING INDEXES)', name);
          EXECUTE format('ALTER TABLE stream_ids ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
        END IF;
      END $$`);
    await runner.query(`
      CREATE FUNCTION drop_stream_ids(before date) RETURNS integer LANGUAGE plpgsql AS $$
      DECLARE
        name text;
        dropped integer := 0;
      BEGIN
        FOR name IN
          SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
          WHERE i.inhparent = 'stream_ids'::regclass AND c.relname < 'stream_ids_' || to_char(before, 'YYYY_MM_DD')
        LOOP
          EXECUTE format('DROP TABLE %I', name);
          dropped := dropped + 1;
        END LOOP;
        RETURN dropped;
      END $$`);
    // What the events of a day add up to, as long as no file has said what the day was. May lie below zero where goods
    // came back; the sales then say zero.
    await runner.query(`
      CREATE TABLE stream_totals (
        product integer NOT NULL,
        location integer NOT NULL,
        date date NOT NULL,
        quantity double precision NOT NULL,
        priced_quantity double precision NOT NULL,
        revenue double precision NOT NULL,
        PRIMARY KEY (product, location, date)
      )`);
    // Places and days the stream has changed and the data's own clock does not know of yet.
    await runner.query(`
      CREATE TABLE stream_days (
        location integer NOT NULL,
        date date NOT NULL,
        PRIMARY KEY (location, date)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['stream_days', 'stream_totals', 'stream_ids', 'stream_batches', 'stream_shards'])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query(`DROP FUNCTION ensure_stream_ids`);
    await runner.query(`DROP FUNCTION drop_stream_ids`);
  }
}

import type { Client } from 'pg';
import { CopyIn } from '../../platform/database/index.ts';
import type { RowReader } from './row-reader.ts';

/** Parsed rows, keyed by the numbers of the file's own dictionaries. */
const COLUMNS = `
  line integer, month date, product integer, location integer, date date,
  quantity double precision, price double precision, revenue double precision, on_hand double precision, promotion real`;
/** Rows are read once, by the load. */
const SETTINGS = `WITH (autovacuum_enabled = false)`;

/** Runs a statement with bound parameters and answers its rows. */
export type Query = (sql: string, parameters?: unknown[]) => Promise<Record<string, unknown>[]>;

/** Table of the rows of an upload; each chunk is a table that inherits from it. */
export function stagingTable(uploadId: string): string {
  return `staging.import_${uploadId.replaceAll('-', '')}`;
}

/** Prepares a bulk connection for a load: room to sort, and an end soon after this process is gone. */
export async function prepareConnection(client: Client): Promise<void> {
  await client.query(`SET work_mem = '96MB'`);
  await client.query(`SET temp_buffers = '64MB'`);
  await client.query(`SET client_connection_check_interval = '2s'`);
  await client.query(`SET lock_timeout = '10min'`);
}

/**
 * Ends the connections of other attempts that still hold on to the rows of an upload: of a worker that was taken for dead
 * and is not. To be called by whoever owns the import, in a transaction.
 */
export async function expelOthers(query: Query, uploadId: string): Promise<void> {
  // Connections belong to the user that signed in, who may end them; the role that users of workers act as may not.
  await query('SET LOCAL ROLE NONE');
  await query(
    `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity AS a
     WHERE a.datname = current_database() AND a.application_name = 'shelfcast-bulk' AND a.pid <> pg_backend_pid()
       AND a.pid IN (SELECT pid FROM pg_locks WHERE relation = to_regclass($1))`,
    [stagingTable(uploadId)],
  );
  await query('RESET ROLE');
}

/** Number of chunks that are staged of an upload; null if it has no staging table. */
export async function stagedChunks(query: Query, uploadId: string): Promise<number | null> {
  const [row] = await query(
    `SELECT (SELECT count(*)::int FROM pg_inherits WHERE inhparent = c.oid) AS chunks FROM pg_class AS c WHERE c.oid = to_regclass($1)`,
    [stagingTable(uploadId)],
  );
  return row ? (row.chunks as number) : null;
}

/** Makes the empty staging table of an upload. */
export async function createStaging(query: Query, uploadId: string): Promise<void> {
  await query(`CREATE UNLOGGED TABLE ${stagingTable(uploadId)} (${COLUMNS}) ${SETTINGS}`);
}

/** Removes what is staged of an upload, and what was kept to go on from. There need be nothing. */
export async function dropStaging(query: Query, uploadId: string): Promise<void> {
  await query(`DROP TABLE IF EXISTS ${stagingTable(uploadId)} CASCADE`);
  await query(`DELETE FROM staging.import_checkpoints WHERE upload = $1`, [uploadId]);
}

/** Lets the load's statements call the rows of an upload `staged`. */
export async function nameStaged(query: Query, uploadId: string): Promise<void> {
  await query(`CREATE TEMP VIEW staged AS SELECT * FROM ${stagingTable(uploadId)}`);
}

/** Tells the planner about the staged rows. */
export async function analyseStaging(query: Query, uploadId: string): Promise<void> {
  const chunks = await query(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = to_regclass($1)`,
    [stagingTable(uploadId)],
  );
  for (const { name } of chunks) await query(`ANALYZE ${name as string}`);
}

/**
 * Streams parsed rows into the chunks of a staging table. Each chunk is a transaction of its own and a table made in it: so
 * its rows are written once, as frozen ones, and a chunk that was not finished leaves nothing.
 */
export class Staging {
  private copy: CopyIn | null = null;
  private monthDay = -1;
  /** First day of the row's month. */
  private month = 0;

  constructor(
    private readonly client: Client,
    private readonly uploadId: string,
  ) {}

  /** Begins a transaction, and in it a chunk. */
  async begin(chunk: number): Promise<void> {
    const parent = stagingTable(this.uploadId);
    const table = `${parent}_${chunk}`;
    await this.client.query('BEGIN');
    await this.client.query(`CREATE UNLOGGED TABLE ${table} () INHERITS (${parent}) ${SETTINGS}`);
    this.copy = new CopyIn(this.client, `COPY ${table} FROM STDIN (FORMAT binary, FREEZE)`);
  }

  add(line: number, row: RowReader): void {
    if (row.day !== this.monthDay) {
      const date = new Date(row.day * 86_400_000);
      this.monthDay = row.day;
      this.month = row.day - date.getUTCDate() + 1;
    }
    const { writer } = this.copy as CopyIn;
    writer.row(10);
    writer.int32(line);
    writer.date(this.month);
    writer.int32(row.product);
    writer.int32(row.location);
    writer.date(row.day);
    writer.float64(row.quantity);
    writer.float64(row.price);
    writer.float64(row.revenue);
    writer.float64(row.onHand);
    if (Number.isNaN(row.promotion)) writer.null();
    else writer.float32(row.promotion);
  }

  flush(): Promise<void> {
    return (this.copy as CopyIn).flush();
  }

  /** Sends the rest of the chunk; its transaction stays open. */
  async finish(): Promise<void> {
    await this.copy?.finish();
    this.copy = null;
  }

  abort(): void {
    this.copy?.abort();
  }
}

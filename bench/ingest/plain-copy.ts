import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Who sends the peer's file. */
export const PEER =
  spawnSync('psql', ['--version'], { stdio: 'ignore' }).status === 0 ? 'psql \\copy' : 'COPY sent by pg-copy-streams';

/** The peer's empty table: the file's columns, a partition for each month, and the key of sales over the texts themselves. */
async function makeTable(client: pg.Client, months: readonly string[]): Promise<void> {
  await client.query('DROP TABLE IF EXISTS plain_copy');
  await client.query(
    `CREATE TABLE plain_copy (date date NOT NULL, sku text NOT NULL, location text NOT NULL, quantity_sold float8 NOT NULL,
       price float8, PRIMARY KEY (sku, location, date)) PARTITION BY RANGE (date)`,
  );
  for (let i = 0; i + 1 < months.length; i++) {
    await client.query(
      `CREATE TABLE plain_copy_${i} PARTITION OF plain_copy FOR VALUES FROM ('${months[i]}') TO ('${months[i + 1]}')`,
    );
  }
}

/** Seconds until a CSV file stands in a table partitioned by month with a primary key, loaded by PostgreSQL's own means. */
export async function plainCopy(url: string, path: string, months: readonly string[]): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await makeTable(client, months);
    await client.query('CHECKPOINT');
    const started = performance.now();
    if (PEER.startsWith('psql')) {
      const copy = `\\copy plain_copy FROM '${path}' WITH (FORMAT csv, HEADER)`;
      await promisify(execFile)('psql', ['--no-psqlrc', '--quiet', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', copy]);
    } else {
      const stream = client.query(copyFrom('COPY plain_copy FROM STDIN (FORMAT csv, HEADER)'));
      createReadStream(path, { highWaterMark: 1 << 20 }).pipe(stream);
      await once(stream, 'finish');
    }
    return (performance.now() - started) / 1000;
  } finally {
    await client.query('DROP TABLE plain_copy');
    await client.end();
  }
}

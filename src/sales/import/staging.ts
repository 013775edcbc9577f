import type { Client } from 'pg';
import { CopyIn } from '../../platform/database/index.ts';
import type { RowReader } from './row-reader.ts';

/** Temporary table of parsed rows, keyed by the numbers of the file's own dictionaries. */
const CREATE = `
  CREATE TEMP TABLE staged (
    line integer, month date, product integer, location integer, date date,
    quantity double precision, price double precision, revenue double precision, on_hand double precision, promotion real
  )`;
const COPY = `COPY staged FROM STDIN (FORMAT binary)`;

/** Prepares a bulk connection for a load: room to sort, and an end soon after this process is gone. */
export async function prepareConnection(client: Client): Promise<void> {
  await client.query(`SET work_mem = '96MB'`);
  await client.query(`SET temp_buffers = '64MB'`);
  await client.query(`SET client_connection_check_interval = '2s'`);
  await client.query(`SET lock_timeout = '10min'`);
  await client.query(CREATE);
}

/** Streams parsed rows into the temporary table `staged`. */
export class Staging {
  private readonly copy: CopyIn;
  private monthDay = -1;
  /** First day of the row's month. */
  private month = 0;

  constructor(client: Client) {
    this.copy = new CopyIn(client, COPY);
  }

  add(line: number, row: RowReader): void {
    if (row.day !== this.monthDay) {
      const date = new Date(row.day * 86_400_000);
      this.monthDay = row.day;
      this.month = row.day - date.getUTCDate() + 1;
    }
    const { writer } = this.copy;
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
    return this.copy.flush();
  }

  finish(): Promise<void> {
    return this.copy.finish();
  }

  abort(): void {
    this.copy.abort();
  }
}

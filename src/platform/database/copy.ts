import { once } from 'node:events';
import type { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { BinaryCopyReader, BinaryCopyRow, BinaryCopyWriter } from './binary-copy.ts';

/** Stream into a table through binary COPY. `pack` writes one row at a time; awaiting `flush` applies back pressure. */
export class CopyIn {
  readonly writer = new BinaryCopyWriter();
  private readonly stream;
  private failure: Error | null = null;

  /** @param statement a `COPY table (columns) FROM STDIN (FORMAT binary)` without user input in it */
  constructor(client: Client, statement: string) {
    this.stream = client.query(copyFrom(statement));
    this.stream.on('error', (error: Error) => (this.failure = error));
  }

  /** Sends what is packed once a chunk is full; call it after each row or batch of rows. */
  async flush(): Promise<void> {
    if (this.failure) throw this.failure;
    if (!this.writer.full || this.stream.write(this.writer.take())) return;
    const either = new AbortController();
    const heard = (event: string) => once(this.stream, event, { signal: either.signal });
    try {
      await Promise.race([heard('drain'), heard('close')]);
    } finally {
      // What did not happen must not be waited for for ever: a long load comes here thousands of times.
      either.abort();
    }
  }

  /** Sends the rest and waits until the server has taken it. */
  async finish(): Promise<void> {
    if (this.failure) throw this.failure;
    this.stream.end(this.writer.finish());
    await once(this.stream, 'finish');
  }

  /** Gives up; the statement fails and its transaction with it. */
  abort(): void {
    this.stream.destroy();
  }
}

/**
 * Walks the rows of a query through binary COPY.
 * @param query SELECT without parameters (COPY takes none): join against a temporary table to narrow it
 * @returns the number of rows
 */
export async function copyOut(client: Client, query: string, onRow: (row: BinaryCopyRow) => void): Promise<number> {
  const reader = new BinaryCopyReader(onRow);
  for await (const chunk of client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT binary)`)))
    reader.push(chunk as Buffer);
  return reader.rows;
}

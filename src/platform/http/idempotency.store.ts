import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** An answer kept for replays. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request by the key that hashes now, and by the one before it where that is still accepted. */
export interface RequestHashes {
  readonly current: string;
  readonly previous: string | null;
}

/** What is known about a key: nothing so far (and now reserved), in progress, answered, or used for something else. */
export type Reservation =
  | { readonly state: 'reserved' }
  | { readonly state: 'running' }
  | { readonly state: 'other-request' }
  | { readonly state: 'answered'; readonly answer: KeptAnswer };

/** How long an answer is kept. */
const KEPT = `interval '24 hours'`;
/** A request without an answer for so long died with its process; its key may be used again. */
const ABANDONED = `interval '15 minutes'`;

interface Row {
  readonly request_hash: string;
  readonly status: number | null;
  readonly headers: Record<string, string> | null;
  readonly body: string | null;
}

/** The `idempotency_keys` table: one row per scope and key, claimed by one statement. */
@Injectable()
export class IdempotencyStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Claims a key for this request, or says why not. Of many at once exactly one gets it. */
  async reserve(scope: string, key: string, { current, previous }: RequestHashes): Promise<Reservation> {
    const claimed = await this.dataSource.query<unknown[]>(
      `INSERT INTO idempotency_keys AS kept (principal, key, request_hash) VALUES ($1, $2, $3)
       ON CONFLICT (principal, key) DO UPDATE
         SET request_hash = excluded.request_hash, status = NULL, headers = NULL, body = NULL, created_at = now()
         WHERE kept.created_at < now() - ${KEPT}
            OR (kept.status IS NULL AND kept.created_at < now() - ${ABANDONED})
       RETURNING 1`,
      [scope, key, current],
    );
    if (claimed.length) return { state: 'reserved' };
    const [row] = await this.dataSource.query<Row[]>(
      `SELECT request_hash, status, headers, body FROM idempotency_keys WHERE principal = $1 AND key = $2`,
      [scope, key],
    );
    // The other request may have failed and given the key back between the two statements: the client tries again.
    if (!row) return { state: 'running' };
    if (row.request_hash !== current && row.request_hash !== previous) return { state: 'other-request' };
    if (row.status === null) return { state: 'running' };
    return { state: 'answered', answer: { status: row.status, headers: row.headers ?? {}, body: row.body ?? '' } };
  }

  /** Keeps the answer of a reserved key. */
  async keep(scope: string, key: string, answer: KeptAnswer): Promise<void> {
    await this.dataSource.query(
      `UPDATE idempotency_keys SET status = $3, headers = $4, body = $5 WHERE principal = $1 AND key = $2`,
      [scope, key, answer.status, JSON.stringify(answer.headers), answer.body],
    );
  }

  /** Gives a reserved key back, so that the request may be tried again. */
  async release(scope: string, key: string): Promise<void> {
    await this.dataSource.query(`DELETE FROM idempotency_keys WHERE principal = $1 AND key = $2`, [scope, key]);
  }

  /** Deletes what is older than a day. */
  async deleteExpired(): Promise<void> {
    await this.dataSource.query(`DELETE FROM idempotency_keys WHERE created_at < now() - ${KEPT}`);
  }
}

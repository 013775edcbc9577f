import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SingleFlight } from '../../platform/cache/index.ts';

/** Longest time another process may go on accepting a token that was made void. */
const FRESH_MS = 3_000;
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly userId: string;
  /** Null where the session or its user has ended. */
  readonly tokenVersion: number | null;
  readonly freshUntil: number;
}

function matches(entry: Entry, userId: string, tokenVersion: number): boolean {
  return entry.userId === userId && entry.tokenVersion === tokenVersion;
}

/**
 * Whether a session still stands: its user exists and is enabled, its family of refresh tokens was not revoked, and the
 * user's token version is the token's. Asked on each request, so what the database says is remembered for three seconds.
 */
@Injectable()
export class SessionRegistry {
  private readonly entries = new Map<string, Entry>();
  private readonly loads = new SingleFlight();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async stands(userId: string, sessionId: string, tokenVersion: number): Promise<boolean> {
    return matches(this.fresh(sessionId) ?? (await this.load(userId, sessionId)), userId, tokenVersion);
  }

  /** Whether it is known, without asking, that the session stands; false means that somebody has to ask. */
  standsFresh(userId: string, sessionId: string, tokenVersion: number): boolean {
    const known = this.fresh(sessionId);
    return known !== undefined && matches(known, userId, tokenVersion);
  }

  private fresh(sessionId: string): Entry | undefined {
    const known = this.entries.get(sessionId);
    return known && known.freshUntil > Date.now() ? known : undefined;
  }

  /** Makes this process ask again about a user's sessions; the others do within seconds. */
  forget(userId: string): void {
    for (const [sessionId, entry] of this.entries) if (entry.userId === userId) this.entries.delete(sessionId);
  }

  private load(userId: string, sessionId: string): Promise<Entry> {
    return this.loads.run(sessionId, async () => {
      const freshUntil = Date.now() + FRESH_MS;
      const [row] = await this.dataSource.query<{ token_version: number }[]>(
        `SELECT token_version FROM users WHERE id = $1 AND NOT disabled
           AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE family = $2 AND revoked_at IS NOT NULL)`,
        [userId, sessionId],
      );
      const entry = { userId, tokenVersion: row?.token_version ?? null, freshUntil };
      this.entries.delete(sessionId);
      this.entries.set(sessionId, entry);
      if (this.entries.size > MAX_ENTRIES) this.entries.delete(this.entries.keys().next().value as string);
      return entry;
    });
  }
}

import { Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, EntityManager } from 'typeorm';
import { replicationLag } from '../metrics/metrics.ts';
import { PrimaryTrail, walPosition } from './wal-position.ts';

/** Longest a replica may take to say where it stands. */
const CHECK_TIMEOUT_MS = 2_000;

/** A server that follows the primary, connected when it can be; that it cannot stops nobody. */
export class Replica {
  private readonly logger = new Logger(Replica.name);
  /** Position up to which it has followed; negative while it is away. */
  private replayed = -1;
  private lagMs = 0;
  private heard = false;
  private checking = false;

  /**
   * @param name for logs and metrics; its address holds a password
   * @param source not connected yet
   */
  constructor(
    readonly name: string,
    private readonly source: DataSource,
  ) {}

  get manager(): EntityManager {
    return this.source.manager;
  }

  /** Whether it may answer: it is there, at most so far behind, and has seen everything up to a position. */
  serves(mostLagMs: number, from: number): boolean {
    return this.replayed >= 0 && this.lagMs <= mostLagMs && this.replayed >= from;
  }

  /** Looks where it stands. @param now milliseconds of the trail's clock */
  async check(trail: PrimaryTrail, now: () => number): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      const position = await within(CHECK_TIMEOUT_MS, this.position());
      this.replayed = position;
      this.lagMs = trail.lagMs(now(), position);
      replicationLag.set({ replica: this.name }, this.lagMs / 1000);
      if (!this.heard) this.logger.log(`Replica ${this.name} answers`);
      this.heard = true;
    } catch (error) {
      this.leave((error as Error).message);
    } finally {
      this.checking = false;
    }
  }

  /** Takes it out of use until it has answered a check. */
  leave(reason: string): void {
    if (this.heard || this.replayed >= 0) this.logger.warn(`Replica ${this.name} is out of use: ${reason}`);
    this.replayed = -1;
    this.heard = false;
    replicationLag.set({ replica: this.name }, NaN);
  }

  async close(): Promise<void> {
    this.replayed = -1;
    if (this.source.isInitialized) await this.source.destroy();
  }

  private async position(): Promise<number> {
    if (!this.source.isInitialized) await this.source.initialize();
    const [row] = await this.source.query<{ position: string | null }[]>(
      'SELECT pg_last_wal_replay_lsn()::text AS position WHERE pg_is_in_recovery()',
    );
    // One that was promoted goes its own way: what it says is no longer what was written to the primary.
    if (!row?.position) throw new Error('it follows no primary');
    return walPosition(row.position);
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timeout = sleep(ms, undefined, { signal: controller.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  timeout.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    controller.abort();
  }
}

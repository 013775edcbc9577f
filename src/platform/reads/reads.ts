import { Inject, Injectable, Logger, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource, DataSourceOptions, EntityManager } from 'typeorm';
import { CacheStore } from '../cache/index.ts';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { dataSourceOptions } from '../database/index.ts';
import { callerId, currentDeadline } from '../http/index.ts';
import { readsServed } from '../metrics/metrics.ts';
import { Replica } from './replica.ts';
import { PrimaryTrail, walPosition } from './wal-position.ts';
import { WriteMarks } from './write-marks.ts';

/** How often it is looked where the servers stand. */
const CHECK_MS = 500;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** SQLSTATEs and system errors of a server that is away, or that had to end the query to follow the primary. */
const AWAY = /^(08|40|53|57|58|XX)|^E[A-Z]+$/;

/**
 * Where lists, totals and reports are read: from a replica, if there is one that is not far behind and has seen all that
 * the caller wrote or was told; else from the primary. What a write builds on is never read here.
 */
@Injectable()
export class Reads implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Reads.name);
  private readonly replicas: readonly Replica[];
  private readonly trail: PrimaryTrail;
  private readonly marks: WriteMarks;
  private readonly mostLagMs: number;
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;

  constructor(
    @InjectDataSource() private readonly primary: DataSource,
    @Inject(APP_CONFIG) config: AppConfig,
    cache: CacheStore,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {
    const { replicaUrls, replicaMaxLagSeconds } = config.database;
    this.mostLagMs = replicaMaxLagSeconds * 1000;
    this.trail = new PrimaryTrail(2 * this.mostLagMs);
    this.marks = new WriteMarks(cache);
    // A worker has no callers to read for.
    const urls = host.httpAdapter ? replicaUrls : [];
    this.replicas = urls.map((url, i) => {
      const options = dataSourceOptions({ ...config, database: { ...config.database, url } }, 'shelfcast-reads');
      const entities = primary.entityMetadatas.map(({ target }) => target);
      return new Replica(String(i + 1), new DataSource({ ...options, entities } as DataSourceOptions));
    });
  }

  onModuleInit(): void {
    if (this.replicas.length === 0) return;
    // Before the answer leaves: who has it may ask at once. With a callback, since every answer passes here.
    this.host.httpAdapter.getInstance().addHook('onSend', (request, _reply, payload, done) => {
      if (SAFE_METHODS.has(request.method) || !request.principal) return done(null, payload);
      void this.remember(request.principal.userId).then(() => done(null, payload));
    });
    void this.check();
    this.timer = setInterval(() => void this.check(), CHECK_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.replicas.map((replica) => replica.close()));
  }

  /**
   * Reads what may be a few seconds old, but not older than what the caller knows.
   * @param work only reads; runs once more on the primary if the replica goes away
   */
  async read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const replica = this.replicas.length ? await this.choose() : null;
    if (replica) {
      try {
        const answer = await work(replica.manager);
        readsServed.inc({ source: 'replica' });
        return answer;
      } catch (error) {
        // A statement that was ended with its request says nothing of the server.
        if (!isAway(error) || currentDeadline()?.passed) throw error;
        replica.leave((error as Error).message);
      }
    }
    if (this.replicas.length) readsServed.inc({ source: 'primary' });
    return work(this.primary.manager);
  }

  /** What the caller reads from now on is not older than now: they have been told of something, or have written it. */
  async remember(userId: string): Promise<void> {
    if (this.replicas.length === 0) return;
    try {
      const [{ position }] = await this.primary.query<{ position: string }[]>(
        'SELECT pg_current_wal_insert_lsn()::text AS position',
      );
      await this.marks.set(userId, walPosition(position));
    } catch (error) {
      // The work is done, and its answer must reach the client.
      this.logger.warn(`What was written could not be noted: ${(error as Error).message}`);
    }
  }

  private async choose(): Promise<Replica | null> {
    const caller = callerId();
    if (caller === null) return null;
    const from = await this.marks.get(caller);
    const ready = this.replicas.filter((replica) => replica.serves(this.mostLagMs, from));
    return ready.length ? ready[this.turn++ % ready.length] : null;
  }

  private async check(): Promise<void> {
    const now = () => performance.now();
    try {
      const [{ position }] = await this.primary.query<{ position: string }[]>(
        'SELECT pg_current_wal_flush_lsn()::text AS position',
      );
      this.trail.add(now(), walPosition(position));
    } catch {
      // Without the primary nothing is written that a replica could miss.
    }
    await Promise.all(this.replicas.map((replica) => replica.check(this.trail, now)));
  }
}

/** Whether it was the server that failed, and not the query. */
function isAway(error: unknown): boolean {
  const { code, driverError, message } = error as Error & { code?: string; driverError?: { code?: string } };
  return (
    AWAY.test(driverError?.code ?? code ?? '') || /connection (terminated|timeout)|timeout exceeded/i.test(message)
  );
}

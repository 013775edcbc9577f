import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource, EntityManager } from 'typeorm';
import { CacheStore } from '../../platform/cache/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import type { JobContext } from '../../platform/queue/index.ts';
import { FORECAST_CACHE_PREFIX } from '../cache-keys.ts';
import { writeOwned } from './owned-write.ts';

/** One at a time publishes: runs become visible in the order of their ids, which is what caches go by. */
const PUBLICATION_LOCK = 7_436_101;

/** Publishes what a job has computed: everything becomes visible at once, or nothing does. */
@Injectable()
export class Publication {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly cache: CacheStore,
  ) {}

  /**
   * Runs `work` in a transaction that commits only if the job still belongs to this attempt, then drops cached answers.
   * @throws JobStoppedError when it does not
   */
  async publish<T>(context: Pick<JobContext<unknown>, 'owns'>, work: (client: Client) => Promise<T>): Promise<T> {
    const result = await writeOwned(this.config, context, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [PUBLICATION_LOCK]);
      return work(client);
    });
    await this.cache.deletePrefix(FORECAST_CACHE_PREFIX);
    return result;
  }

  /** Changes what is current without a job: one transaction, in turn with all publications. */
  async change<T>(work: (client: Client, manager: EntityManager) => Promise<T>): Promise<T> {
    const result = await this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [PUBLICATION_LOCK]);
      return work((await manager.queryRunner?.connect()) as Client, manager);
    });
    await this.cache.deletePrefix(FORECAST_CACHE_PREFIX);
    return result;
  }

  /**
   * Whether a run that has seen later sales is already published, as the transaction sees it.
   * @param run also counts what was begun after this run from sales up to the same day, and is of everything
   */
  async isOvertaken(client: Client, businessDate: string, run?: number): Promise<boolean> {
    const { rows } = await client.query(
      `SELECT 1 FROM forecast_runs WHERE published_at IS NOT NULL
         AND (business_date > $1 OR (business_date = $1 AND id > $2 AND data_hash IS NOT NULL)) LIMIT 1`,
      [businessDate, run ?? null],
    );
    return rows.length > 0;
  }
}

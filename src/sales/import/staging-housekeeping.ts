import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Housekeeping, inParts } from '../../platform/housekeeping/index.ts';
import { dropStaging, expelOthers, Query } from './staging.ts';

/** Uploads removed at a time: each has a table for every chunk. */
const PART_UPLOADS = 1;

/** Uploads that have something staged, or kept to go on from, although nobody will go on with them. */
const ORPHANS = `
  SELECT upload FROM (
    SELECT substr(relname, 8)::uuid AS upload FROM pg_class
    WHERE relnamespace = 'staging'::regnamespace AND relkind = 'r' AND relname ~ '^import_[0-9a-f]{32}$'
    UNION SELECT upload FROM staging.import_checkpoints) AS staged
  WHERE NOT EXISTS (
    SELECT 1 FROM uploads AS u JOIN jobs AS j ON j.id = u.job_id
    WHERE u.id = staged.upload AND j.state IN ('queued', 'running'))
  LIMIT 1`;

/** Removes staged rows of uploads that ended outside their import: cancelled in the queue, or out of attempts. */
@Injectable()
export class StagingHousekeeping implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register({
      name: 'import-staging',
      clean: ({ signal }) => inParts(signal, PART_UPLOADS, () => this.removeOne()),
    });
  }

  private removeOne(): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const query: Query = (sql, parameters) => manager.query(sql, parameters);
      const [orphan] = await query(ORPHANS);
      if (!orphan) return 0;
      await expelOthers(query, orphan.upload as string);
      await dropStaging(query, orphan.upload as string);
      return PART_UPLOADS;
    });
  }
}

import { Inject, Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { Housekeeping } from '../../platform/housekeeping/index.ts';
import { ListedObject, ObjectStore, StoreAwayError } from '../../platform/objectstore/index.ts';
import { JobContext, JobProcessor, JobsService, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { ScheduleRegistry } from '../../platform/schedules/index.ts';
import { UploadsService } from '../uploads.service.ts';
import { forgetAddresses, ownerOf } from './drop-addresses.ts';
import { forgetIdleLooks } from './idle-looks.ts';
import { countFailure, DroppedFile, markRefused, markTaken, noteDropped } from './dropped-files.store.ts';
import { DROP_FOLDER, isFinishedName, nameOf, Outcome, removeDropped, takeDropped } from './take-dropped.ts';

/** A file in a folder may still be written; it is taken once two looks, this far apart, have seen it the same. */
const SETTLE_SECONDS = 20;
/** Looks in which reading a file may fail for no known reason before it is left alone; the store may be unwell for a while. */
const MOST_FAILURES = 10;

/** Looks into the drop folder of the object store every minute, and makes uploads of the files that lie there. */
@Injectable()
@QueueProcessor('sales-drops')
export class SalesDropsProcessor extends JobProcessor<Record<string, never>> implements OnModuleInit {
  private readonly logger = new Logger(SalesDropsProcessor.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: ObjectStore,
    private readonly uploads: UploadsService,
    private readonly jobs: JobsService,
    private readonly schedules: ScheduleRegistry,
    private readonly housekeeping: Housekeeping,
    private readonly alerts: AlertsService,
  ) {
    super(dataSource);
  }

  onModuleInit(): void {
    this.schedules.register({
      name: 'sales-drops',
      summary: 'Take in the sales files that were put into the drop folder of the object store',
      cron: '* * * * *',
      start: (manager) => this.jobs.create(manager, { kind: 'sales-drops', payload: {}, dedupeKey: 'sales-drops' }),
    });
    this.housekeeping.register({ name: 'idle-looks', clean: (context) => forgetIdleLooks(this.dataSource, context) });
  }

  protected async handle(context: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    const there = new Map<string, ListedObject>();
    for await (const object of this.store.list(DROP_FOLDER))
      if (isFinishedName(object.key)) there.set(object.key, object);
    const settleSeconds = this.store.foreignObjectsAppearWhole ? 0 : SETTLE_SECONDS;
    const files = await this.dataSource.transaction(async (manager) => {
      await forgetAddresses(manager);
      return noteDropped(manager, [...there.values()], settleSeconds);
    });
    const counts = { files: files.length, taken: 0, joined: 0, refused: 0 };
    for (const [done, file] of files.entries()) {
      const object = there.get(file.object_key);
      if (!object) continue;
      context.progress((100 * done) / files.length, 'taking', nameOf(file.object_key));
      if (file.state === 'taken') await removeDropped(this.store, object);
      if (file.state !== 'seen' || !file.settled) continue;
      const outcome = await this.take(context, object, file);
      if (outcome.kind === 'refused') {
        counts.refused++;
        await this.refuse(object, outcome.reason);
      } else if (outcome.kind === 'taken') {
        counts[outcome.upload.joined ? 'joined' : 'taken']++;
        this.logger.log({ message: `Took ${object.key}`, upload_id: outcome.upload.uploadId });
      }
    }
    return counts;
  }

  private async take(
    context: JobContext<Record<string, never>>,
    object: ListedObject,
    { failures }: DroppedFile,
  ): Promise<Outcome> {
    const { store, uploads, config } = this;
    try {
      const owner = await ownerOf(this.dataSource.manager, object.key);
      return await takeDropped(
        object,
        { store, uploads, owner, mostBytes: config.limits.uploadMaxBytes, signal: context.signal },
        async (manager, { uploadId }) => {
          if (!(await context.owns((sql, parameters) => manager.query(sql, parameters))))
            throw new JobStoppedError('The job was cancelled or another attempt has taken it over');
          await markTaken(manager, object.key, object.tag, uploadId);
        },
      );
    } catch (error) {
      if (context.signal.aborted) throw new JobStoppedError('Stopped while a file was taken in');
      // The others may be readable all the same.
      if (!isAboutFile(error)) throw error;
      this.logger.warn(`${object.key} could not be read: ${(error as Error).message}`);
      if (failures + 1 >= MOST_FAILURES) return { kind: 'refused', reason: 'The file could not be read' };
      await countFailure(this.dataSource.manager, object.key, object.tag);
      return { kind: 'moving' };
    }
  }

  /** Leaves a file where it is and tells somebody. */
  private async refuse({ key, tag }: ListedObject, reason: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await markRefused(manager, key, tag, reason);
      await this.alerts.raise(
        {
          kind: 'data.drop_refused',
          severity: 'warning',
          subject: `${nameOf(key)} was dropped and cannot be read: ${reason}`,
          detail: { object_key: key, reason },
          dedupeKey: `data.drop_refused:${key}`,
        },
        (sql, parameters) => manager.query(sql, parameters),
      );
    });
  }
}

/** Whether an error comes from reading a file or object: no right to, a damaged disk, a key that is withheld. */
function isAboutFile(error: unknown): boolean {
  if (error instanceof StoreAwayError) return true;
  return ['EACCES', 'EPERM', 'EIO', 'EISDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '');
}

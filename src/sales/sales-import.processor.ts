import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { AlertsService } from '../platform/alerts/index.ts';
import { APP_CONFIG } from '../platform/config/index.ts';
import type { AppConfig } from '../platform/config/index.ts';
import { AppError } from '../platform/http/index.ts';
import { JobProcessor, JobsService, QueueProcessor } from '../platform/queue/index.ts';
import type { Job, JobContext } from '../platform/queue/index.ts';
import type { QualityReport } from './import/report.ts';
import { SalesImportService } from './import/sales-import.service.ts';
import type { ImportPayload } from './uploads.service.ts';
import { findUpload, setFollowers, setState } from './uploads.store.ts';
import type { Upload } from './uploads.store.ts';

/** Works on the queue `sales-import`. */
@Injectable()
@QueueProcessor('sales-import')
export class SalesImportProcessor extends JobProcessor<ImportPayload> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly imports: SalesImportService,
    private readonly jobs: JobsService,
    private readonly alerts: AlertsService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<ImportPayload>): Promise<Record<string, unknown>> {
    const { upload_id: id, accept_bad: acceptBad } = context.payload;
    const { manager } = this.dataSource;
    const upload = await findUpload(manager, id, null);
    if (!upload) throw new AppError(404, 'UPLOAD_GONE', 'The upload does not exist any more');
    // An attempt that died after its commit has done the work.
    if (upload.report && (upload.state === 'loaded' || upload.state === 'held')) {
      const { report } = upload;
      context.onSuccess((manager) => this.follow(manager, upload, report));
      return { ...report, upload_id: id };
    }
    await setState(manager, id, 'loading');
    try {
      const report = await this.imports.importFromStore({
        uploadId: id,
        objectKey: upload.object_key,
        bytes: upload.bytes,
        acceptBad,
        signal: context.signal,
        progress: (percent, step, message) => context.progress(percent, step, message),
        owns: (query) => context.owns(query),
      });
      context.onSuccess((manager) => this.follow(manager, upload, report));
      return { ...report, upload_id: id };
    } catch (error) {
      if (error instanceof AppError && error.status < 500) await this.giveUp(upload, error);
      throw error;
    }
  }

  /** An import that ended leaves nothing staged, and no file of rejected rows unless the upload names it. */
  protected override async ending(manager: EntityManager, { payload }: Job): Promise<Job[]> {
    await this.imports.clear(manager, (payload as unknown as ImportPayload).upload_id);
    return [];
  }

  /** The file cannot be loaded. Who uploaded it asks what became of it; of a dropped one somebody has to be told. */
  private async giveUp({ id, filename, created_by: createdBy }: Upload, { message }: AppError): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await setState(manager, id, 'failed');
      if (createdBy === null)
        await this.alerts.raise(
          {
            kind: 'data.drop_refused',
            severity: 'warning',
            subject: `${filename} was dropped and cannot be loaded: ${message}`,
            detail: { upload_id: id, reason: message },
            dedupeKey: `data.drop_refused:${id}`,
          },
          (sql, parameters) => manager.query(sql, parameters),
        );
    });
  }

  /**
   * What follows from an import: signals for the days and places it brought, where services are configured, and a look at
   * the series it belongs to; or somebody who looks at its bad rows.
   */
  private async follow(
    manager: EntityManager,
    { id, filename }: Upload,
    { state, bad_share: share, rows_read: rows }: QualityReport,
  ): Promise<readonly Job[]> {
    if (state === 'loaded') {
      const payload = { upload_id: id };
      const quality = await this.jobs.create(manager, {
        kind: 'quality-check',
        payload,
        dedupeKey: `quality-check:${id}`,
      });
      const { weather, macro, market } = this.config.signals;
      const kind = 'external-data-fetcher';
      const signals =
        weather || macro || market ? await this.jobs.create(manager, { kind, payload: {}, dedupeKey: kind }) : null;
      await setFollowers(manager, id, { signals: signals?.id ?? null, quality: quality.id });
      return signals ? [quality, signals] : [quality];
    }
    await this.alerts.raise(
      {
        kind: 'data.held',
        severity: 'warning',
        subject: `${filename} is held: ${(100 * share).toFixed(1)} % of its ${rows} rows are bad`,
        detail: { upload_id: id, bad_share: share },
        dedupeKey: `data.held:${id}`,
      },
      (sql, parameters) => manager.query(sql, parameters),
    );
    return [];
  }
}

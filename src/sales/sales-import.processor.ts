import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AppError } from '../platform/http/index.ts';
import { JobProcessor, QueueProcessor } from '../platform/queue/index.ts';
import type { JobContext } from '../platform/queue/index.ts';
import { SalesImportService } from './import/sales-import.service.ts';
import type { ImportPayload } from './uploads.service.ts';
import { findUpload, setState } from './uploads.store.ts';

/** Works on the queue `sales-import`. */
@Injectable()
@QueueProcessor('sales-import')
export class SalesImportProcessor extends JobProcessor<ImportPayload> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly imports: SalesImportService,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<ImportPayload>): Promise<Record<string, unknown>> {
    const { upload_id: id, accept_bad: acceptBad } = context.payload;
    const { manager } = this.dataSource;
    const upload = await findUpload(manager, id, null);
    if (!upload) throw new AppError(404, 'UPLOAD_GONE', 'The upload does not exist any more');
    // An attempt that died after its commit has done the work.
    if (upload.report && (upload.state === 'loaded' || upload.state === 'held'))
      return { ...upload.report, upload_id: id };
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
      return { ...report, upload_id: id };
    } catch (error) {
      if (error instanceof AppError) await setState(manager, id, 'failed');
      throw error;
    }
  }
}

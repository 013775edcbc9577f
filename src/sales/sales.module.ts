import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/index.ts';
import { SalesArchiveService } from './archive/sales-archive.service.ts';
import { DailyDataService } from './daily-data/daily-data.service.ts';
import { DropAddresses } from './drops/drop-addresses.ts';
import { SalesImportService } from './import/sales-import.service.ts';
import { QualityService } from './quality/quality.service.ts';
import { SalesHistoryService } from './sales-history.service.ts';
import { SalesService } from './sales.service.ts';
import { StreamJobs } from './stream/stream-jobs.ts';
import { StreamService } from './stream/stream.service.ts';
import { UploadsService } from './uploads.service.ts';

/** Uploads, import and reading of sales. */
@Module({
  imports: [ProductsModule],
  providers: [
    SalesService,
    SalesHistoryService,
    SalesImportService,
    UploadsService,
    DailyDataService,
    QualityService,
    SalesArchiveService,
    StreamJobs,
    StreamService,
    DropAddresses,
  ],
  exports: [
    SalesService,
    SalesHistoryService,
    SalesImportService,
    UploadsService,
    DailyDataService,
    QualityService,
    SalesArchiveService,
    StreamJobs,
    StreamService,
    DropAddresses,
  ],
})
export class SalesModule {}

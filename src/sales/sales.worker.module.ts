import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/index.ts';
import { SalesArchiveProcessor } from './archive/sales-archive.processor.ts';
import { CollectProcessor } from './daily-data/collect.processor.ts';
import { CurateProcessor } from './daily-data/curate.processor.ts';
import { ReportProcessor } from './daily-data/report.processor.ts';
import { StagingHousekeeping } from './import/staging-housekeeping.ts';
import { SalesDropsProcessor } from './drops/sales-drops.processor.ts';
import { QualityCheckProcessor } from './quality/quality-check.processor.ts';
import { QualityHousekeeping } from './quality/quality-housekeeping.ts';
import { SalesImportProcessor } from './sales-import.processor.ts';
import { SalesModule } from './sales.module.ts';
import { StreamLandingProcessor } from './stream/stream-landing.processor.ts';
import { StreamStoreProcessor } from './stream/stream-store.processor.ts';
import { StreamWatch } from './stream/stream-watch.ts';

/** Imports, the event stream and the daily data job in the worker. */
@Module({
  imports: [ProductsModule, SalesModule],
  providers: [
    SalesImportProcessor,
    StagingHousekeeping,
    SalesDropsProcessor,
    QualityCheckProcessor,
    CollectProcessor,
    CurateProcessor,
    ReportProcessor,
    SalesArchiveProcessor,
    StreamStoreProcessor,
    StreamLandingProcessor,
    StreamWatch,
    QualityHousekeeping,
  ],
})
export class SalesWorkerModule {}

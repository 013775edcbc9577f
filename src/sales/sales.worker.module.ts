import { Module } from '@nestjs/common';
import { CollectProcessor } from './daily-data/collect.processor.ts';
import { CurateProcessor } from './daily-data/curate.processor.ts';
import { ReportProcessor } from './daily-data/report.processor.ts';
import { SalesImportProcessor } from './sales-import.processor.ts';
import { SalesModule } from './sales.module.ts';

/** Imports and the daily data job in the worker. */
@Module({
  imports: [SalesModule],
  providers: [SalesImportProcessor, CollectProcessor, CurateProcessor, ReportProcessor],
})
export class SalesWorkerModule {}

import { Module } from '@nestjs/common';
import { SalesImportProcessor } from './sales-import.processor.ts';
import { SalesModule } from './sales.module.ts';

/** Imports in the worker. */
@Module({ imports: [SalesModule], providers: [SalesImportProcessor] })
export class SalesWorkerModule {}

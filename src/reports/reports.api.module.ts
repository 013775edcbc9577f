import { Module } from '@nestjs/common';
import { SalesModule } from '../sales/index.ts';
import { ReportsController } from './reports.controller.ts';
import { ReportsModule } from './reports.module.ts';

/** The routes of the reports. */
@Module({ imports: [ReportsModule, SalesModule], controllers: [ReportsController] })
export class ReportsApiModule {}

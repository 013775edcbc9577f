import { Module } from '@nestjs/common';
import { ReportsController } from './reports.controller.ts';
import { ReportsModule } from './reports.module.ts';

/** The routes of the reports. */
@Module({ imports: [ReportsModule], controllers: [ReportsController] })
export class ReportsApiModule {}

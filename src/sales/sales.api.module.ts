import { Module } from '@nestjs/common';
import { DailyDataController } from './daily-data/daily-data.controller.ts';
import { SalesController } from './sales.controller.ts';
import { SalesModule } from './sales.module.ts';
import { UploadsController } from './uploads.controller.ts';

/** Routes of the sales. */
@Module({ imports: [SalesModule], controllers: [UploadsController, DailyDataController, SalesController] })
export class SalesApiModule {}

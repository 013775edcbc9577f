import { Module } from '@nestjs/common';
import { SalesArchiveController } from './archive/archive.controller.ts';
import { DailyDataController } from './daily-data/daily-data.controller.ts';
import { SalesController } from './sales.controller.ts';
import { SalesModule } from './sales.module.ts';
import { StreamController } from './stream/stream.controller.ts';
import { UploadsController } from './uploads.controller.ts';

/** Routes of the sales. */
@Module({
  imports: [SalesModule],
  controllers: [UploadsController, StreamController, DailyDataController, SalesArchiveController, SalesController],
})
export class SalesApiModule {}

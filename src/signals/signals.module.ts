import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/index.ts';
import { SalesModule } from '../sales/index.ts';
import { CalendarService } from './calendar.service.ts';
import { SourceRecord } from './sources/source-record.ts';
import { ModelSignalsService } from './values/model-signals.service.ts';
import { SignalImportService } from './values/signal-import.service.ts';
import { SignalStatusService } from './values/signal-status.service.ts';
import { SignalValues } from './values/signal-values.ts';

/** What is known from outside about the days: the calendar of events, weather, economy, market and traffic. */
@Module({
  imports: [ProductsModule, SalesModule],
  providers: [
    CalendarService,
    SignalValues,
    SourceRecord,
    SignalStatusService,
    SignalImportService,
    ModelSignalsService,
  ],
  exports: [
    CalendarService,
    SignalValues,
    SourceRecord,
    SignalStatusService,
    SignalImportService,
    ModelSignalsService,
    ProductsModule,
    SalesModule,
  ],
})
export class SignalsModule {}

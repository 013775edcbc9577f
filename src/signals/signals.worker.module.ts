import { Module } from '@nestjs/common';
import { CalendarSeeding } from './calendar/calendar-seeding.ts';
import { SignalHousekeeping } from './signal-housekeeping.ts';
import { SignalSchedules } from './signal-schedules.ts';
import { SignalsModule } from './signals.module.ts';
import { ExternalDataFetcherProcessor } from './sources/external-data-fetcher.processor.ts';

/** Fetching of signals and the calendar's public lists in the worker. */
@Module({
  imports: [SignalsModule],
  providers: [CalendarSeeding, ExternalDataFetcherProcessor, SignalSchedules, SignalHousekeeping],
})
export class SignalsWorkerModule {}

import { Module } from '@nestjs/common';
import { CalendarService } from './calendar.service.ts';

/** What is known from outside about the days: the calendar of events. */
@Module({ providers: [CalendarService], exports: [CalendarService] })
export class SignalsModule {}

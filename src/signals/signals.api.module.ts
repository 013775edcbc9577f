import { Module } from '@nestjs/common';
import { EventsController } from './events.controller.ts';
import { SignalsModule } from './signals.module.ts';

/** Routes of the calendar. */
@Module({ imports: [SignalsModule], controllers: [EventsController] })
export class SignalsApiModule {}

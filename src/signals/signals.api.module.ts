import { Module } from '@nestjs/common';
import { EventsController } from './events.controller.ts';
import { SignalsController } from './signals.controller.ts';
import { SignalsModule } from './signals.module.ts';

/** Routes of the signals and the calendar. */
@Module({ imports: [SignalsModule], controllers: [EventsController, SignalsController] })
export class SignalsApiModule {}

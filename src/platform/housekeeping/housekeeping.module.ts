import { Global, Module } from '@nestjs/common';
import { Housekeeping } from './housekeeping.ts';
import { HousekeepingProcessor } from './housekeeping.processor.ts';

/** Clears away what is finished and old; for workers. */
@Global()
@Module({ providers: [Housekeeping, HousekeepingProcessor], exports: [Housekeeping] })
export class HousekeepingModule {}

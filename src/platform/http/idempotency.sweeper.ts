import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { IdempotencyStore } from './idempotency.store.ts';

const SWEEP_MS = 10 * 60_000;

/** Deletes kept answers after their day. Reservation checks the age itself, so a late sweep costs space only. */
@Injectable()
export class IdempotencySweeper {
  private readonly logger = new Logger(IdempotencySweeper.name);

  constructor(private readonly store: IdempotencyStore) {}

  @Interval(SWEEP_MS)
  async tick(): Promise<void> {
    try {
      await this.store.deleteExpired();
    } catch (error) {
      this.logger.warn(`Kept answers could not be swept: ${(error as Error).message}`);
    }
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { observeVerification } from './audit-metrics.ts';
import { AuditService } from './audit.service.ts';

const LOOK_MS = 60_000;

/**
 * Lets every worker show what the latest verification found, whichever of them did it: one that verified days ago must not
 * go on calling a trail broken, and one that was just started must not be silent about it.
 */
@Injectable()
export class AuditWatch {
  private readonly logger = new Logger(AuditWatch.name);

  constructor(private readonly audit: AuditService) {}

  @Interval(LOOK_MS)
  async look(): Promise<void> {
    try {
      const found = await this.audit.findVerification();
      if (found) observeVerification(found, new Date(found.verified_at));
    } catch (error) {
      this.logger.warn(`Could not read the latest verification: ${(error as Error).message}`);
    }
  }
}

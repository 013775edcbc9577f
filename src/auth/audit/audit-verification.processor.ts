import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { JobContext, JobProcessor, JobsService, QueueProcessor } from '../../platform/queue/index.ts';
import { ScheduleRegistry } from '../../platform/schedules/index.ts';
import { observeVerification } from './audit-metrics.ts';
import { verifyAuditTrail } from './verification.ts';

/** Names the one matter that a trail which does not hold is. */
const MATTER = 'audit.trail_broken';

/** Verifies the audit trail every night. What it finds is logged either way: the log's copy of the anchor is out of reach. */
@Injectable()
@QueueProcessor('audit-verification')
export class AuditVerificationProcessor extends JobProcessor<Record<string, never>> implements OnModuleInit {
  private readonly logger = new Logger(AuditVerificationProcessor.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
    private readonly alerts: AlertsService,
    private readonly schedules: ScheduleRegistry,
    private readonly jobs: JobsService,
  ) {
    super(dataSource);
  }

  onModuleInit(): void {
    this.schedules.register({
      name: 'audit-verification',
      summary: 'Verify that nobody has tampered with the audit trail',
      cron: '30 4 * * *',
      start: (manager) =>
        this.jobs.create(manager, { kind: 'audit-verification', payload: {}, dedupeKey: 'audit-verification' }),
    });
  }

  protected async handle({ signal }: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    const found = await verifyAuditTrail(this.dataSource, this.store, { signal });
    observeVerification(found, new Date());
    if (found.intact) {
      this.logger.log({ message: 'audit trail verified', ...found });
      await this.alerts.settle(MATTER);
    } else {
      this.logger.error({ message: 'audit trail does not hold', ...found });
      const subject = 'The audit trail was tampered with, or the database brought back to an earlier moment';
      await this.alerts.raise({ kind: MATTER, severity: 'critical', subject, detail: { ...found }, dedupeKey: MATTER });
    }
    return { ...found };
  }
}

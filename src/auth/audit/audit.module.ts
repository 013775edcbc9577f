import { Global, Module } from '@nestjs/common';
import { AuditTrail } from '../../platform/audit/index.ts';
import { AuditService } from './audit.service.ts';

/** The audit trail, for the features and for the platform below them. */
@Global()
@Module({
  providers: [AuditService, { provide: AuditTrail, useExisting: AuditService }],
  exports: [AuditService, AuditTrail],
})
export class AuditModule {}

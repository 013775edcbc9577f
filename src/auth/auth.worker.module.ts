import { Module } from '@nestjs/common';
import { AuditVerificationProcessor } from './audit/audit-verification.processor.ts';
import { AuditWatch } from './audit/audit-watch.ts';
import { AuthModule } from './auth.module.ts';

/** Users and the audit trail in the worker, which verifies the trail every night. */
@Module({
  imports: [AuthModule],
  providers: [AuditVerificationProcessor, AuditWatch],
  exports: [AuthModule],
})
export class AuthWorkerModule {}

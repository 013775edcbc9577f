export { AuditService } from './audit/audit.service.ts';
export type { AuditEntry } from './audit/audit.service.ts';
export { AuthModule } from './auth.module.ts';

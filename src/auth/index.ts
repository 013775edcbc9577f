export { AuditService } from './audit/audit.service.ts';
export type { AuditEntry } from '../platform/audit/index.ts';
export { AuthModule } from './auth.module.ts';

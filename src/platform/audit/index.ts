export { AuditTrail } from './audit-trail.ts';
export type { AuditEntry } from './audit-trail.ts';
export { AuditedWork } from './audited-work.ts';

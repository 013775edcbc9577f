export { parseAnchor } from './chain.ts';
export type { Anchor } from './chain.ts';
export { acceptAuditTrail, verifyAuditTrail } from './verification.ts';

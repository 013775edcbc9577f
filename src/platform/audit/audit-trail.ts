import type { EntityManager } from 'typeorm';

/** One thing that somebody did: what it was about, and how it looked before and after. */
export interface AuditEntry {
  /** Email of the user, or `system`. */
  readonly actor: string;
  /** What was done, as `entity.verb`, such as `product.updated`. */
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  readonly before?: object | null;
  readonly after?: object | null;
}

/** Where the platform's own administration leaves its entries; kept by the feature that owns the trail. */
export abstract class AuditTrail {
  /** Writes an entry; with a manager, as part of the caller's transaction, so that there is no change without its entry. */
  abstract record(entry: AuditEntry, manager?: EntityManager): Promise<void>;
}

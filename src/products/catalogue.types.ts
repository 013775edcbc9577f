/** Free properties of a product: one level, plain values. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** What a client may set of a product. Days are calendar days, money is in the deployment's currency. */
export interface ProductFields {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly currentPrice: number | null;
  readonly unitCost: number | null;
  readonly leadTimeDays: number;
  readonly leadTimeStdDays: number;
  readonly packSize: number;
  readonly minOrderQuantity: number;
  readonly shelfLifeDays: number | null;
  /** Wanted probability of no stockout in a replenishment cycle, in (0, 1). */
  readonly serviceLevel: number;
  /** First and last day on sale, ISO; null where not stated. */
  readonly listedFrom: string | null;
  readonly listedUntil: string | null;
  readonly attributes: Attributes;
}

/** A product as other features see it. */
export interface CatalogueProduct extends ProductFields {
  /** Key of the facts. */
  readonly id: number;
  /** Public id. */
  readonly productId: string;
  readonly deleted: boolean;
}

/** What a client may set of a location. */
export interface LocationFields {
  readonly code: string;
  readonly name: string;
  readonly pincode: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** IANA name. */
  readonly timezone: string;
}

/** A location as other features see it. */
export interface CatalogueLocation extends LocationFields {
  /** Key of the facts. */
  readonly id: number;
  /** Public id. */
  readonly locationId: string;
  readonly deleted: boolean;
}

/** The one ability a bulk import needs of its connection; a `pg.Client` inside a transaction has it. */
export interface QueryRunnerLike {
  query(sql: string, parameters: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A product as a sales file names it. */
export interface ProductMention {
  readonly sku: string;
  readonly name?: string | null;
  readonly category?: string | null;
  /** Latest price in the file. */
  readonly price?: number | null;
}

/** A location as a sales file names it. */
export interface LocationMention {
  readonly code: string;
  readonly name?: string | null;
  readonly pincode?: string | null;
}

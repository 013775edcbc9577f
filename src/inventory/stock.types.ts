/** Units that can be sold up to and including a day. */
export interface Lot {
  readonly quantity: number;
  /** Last day of sale, ISO. */
  readonly expires_on: string;
}

/** Where a stock level is known from: stated by the client, reported along with the sales, or not at all. */
export const STOCK_SOURCES = ['stated', 'sales_feed', 'unknown'] as const;
export type StockSource = (typeof STOCK_SOURCES)[number];

/** What a client states about the stock of a product at a location. */
export interface StockStatement {
  readonly onHand: number;
  readonly onOrder: number;
  /** By day of expiry; together at most `onHand`. */
  readonly lots: readonly Lot[];
  /** Day the count holds for, ISO. */
  readonly asOf: string;
}

/** Stock of a product at a location. Units of the product; ids are the facts' keys. */
export interface StockLevel {
  readonly product: number;
  readonly location: number;
  readonly source: StockSource;
  /** Null when unknown. */
  readonly onHand: number | null;
  readonly onOrder: number;
  readonly lots: readonly Lot[];
  readonly asOf: string | null;
  readonly updatedAt: Date | null;
  /** 0 until somebody states the stock. */
  readonly version: number;
}

/** Key of a product at a location in a map. */
export function placeKey({ product, location }: { readonly product: number; readonly location: number }): string {
  return `${product}:${location}`;
}

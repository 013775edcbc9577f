import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { SalesService } from '../sales/index.ts';
import { placeKey } from './stock.types.ts';
import type { Lot, StockLevel } from './stock.types.ts';

/** Which levels to read, by the facts' keys; what is left out is not narrowed. */
export interface StockFilter {
  readonly products?: readonly number[];
  readonly locations?: readonly number[];
}

interface StockRow {
  readonly product: number;
  readonly location: number;
  readonly onHand: number;
  readonly onOrder: number;
  readonly lots: Lot[];
  readonly asOf: string;
  readonly updatedAt: Date;
  readonly version: number;
}

/** The current stock: what was stated, else the last count that came with the sales, else unknown. */
@Injectable()
export class StockService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly sales: SalesService,
  ) {}

  /** Known levels by {@link placeKey}; a product and location without an entry has an unknown stock. */
  async levels(filter: StockFilter = {}): Promise<Map<string, StockLevel>> {
    const [reported, stated] = await Promise.all([
      this.sales.latestOnHand(filter.products, filter.locations),
      this.statedLevels(filter),
    ]);
    const levels = new Map<string, StockLevel>();
    for (const { product, location, onHand, date } of reported) {
      const level = { ...unknownStock(product, location), source: 'sales_feed', onHand, asOf: date } as const;
      levels.set(placeKey(level), level);
    }
    for (const level of stated) levels.set(placeKey(level), level);
    return levels;
  }

  /** Levels that clients stated. */
  async statedLevels(filter: StockFilter, manager: EntityManager = this.dataSource.manager): Promise<StockLevel[]> {
    const rows = await manager.query<StockRow[]>(
      `SELECT product, location, on_hand AS "onHand", on_order AS "onOrder", lots, as_of AS "asOf",
         updated_at AS "updatedAt", version
       FROM stock WHERE ($1::int[] IS NULL OR product = ANY($1)) AND ($2::int[] IS NULL OR location = ANY($2))`,
      [filter.products ?? null, filter.locations ?? null],
    );
    return rows.map((row) => ({ ...row, source: 'stated' }));
  }

  /** The data's own day; without any sales the day on the wall. */
  async today(): Promise<string> {
    return (await this.sales.businessDate()) ?? new Date().toISOString().slice(0, 10);
  }
}

/** The level of a product at a location of which nothing is known. */
export function unknownStock(product: number, location: number): StockLevel {
  return {
    product,
    location,
    source: 'unknown',
    onHand: null,
    onOrder: 0,
    lots: [],
    asOf: null,
    updatedAt: null,
    version: 0,
  };
}

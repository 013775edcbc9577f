import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { copyOut } from '../platform/database/index.ts';
import { formatDay } from './csv/values.ts';

/** Which part of the sales to read; keys are the facts' own. */
export interface PanelSelection {
  /** First day, counted from 1970-01-01. */
  readonly fromDay: number;
  /** Last day, counted likewise; absent = the latest. */
  readonly toDay?: number;
  readonly products?: readonly number[];
  readonly locations?: readonly number[];
}

/** Takes one stored row; absent price, promotion and stock are NaN. */
export type PanelRowHandler = (
  product: number,
  location: number,
  day: number,
  quantity: number,
  price: number,
  promotion: number,
  onHand: number,
) => void;

/** Newest stock that the sales files state for a product and location. */
export interface StatedStock {
  readonly product: number;
  readonly location: number;
  readonly onHand: number;
  readonly date: string;
}

/** First day from which on no sales are in the archive: what is older has holes, or is not there. */
const FIRST_STORED = `greatest(first_date,
  (SELECT max(month) + interval '1 month' FROM archived_months WHERE restored_at IS NULL)::date)`;

/** The loaded sales as other features read them. */
@Injectable()
export class SalesService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Last day of sales loaded: the data's own today. Null before the first load. */
  async businessDate(): Promise<string | null> {
    return (await this.range()).last;
  }

  /** First and last day of sales loaded and not archived. */
  async range(): Promise<{ first: string | null; last: string | null }> {
    const [row] = await this.dataSource.query<{ first: string | null; last: string | null }[]>(
      `SELECT ${FIRST_STORED} AS first, business_date AS last FROM data_clock`,
    );
    return row;
  }

  /** Changes with every load that changes anything; alike for alike data of one database. */
  async dataHash(): Promise<string> {
    const [row] = await this.dataSource.query<{ hash: string }[]>(
      `SELECT concat_ws(':', load_sequence, ${FIRST_STORED}, business_date) AS hash FROM data_clock`,
    );
    return row.hash;
  }

  /**
   * Walks the sales in the order of (product, location, date) without an object per row.
   * @param client bulk connection; sees one moment of the database
   * @returns number of rows
   */
  async readPanelRows(client: Client, selection: PanelSelection, onRow: PanelRowHandler): Promise<number> {
    const joins: string[] = [];
    for (const [column, keys] of [
      ['product', selection.products],
      ['location', selection.locations],
    ] as const) {
      if (!keys) continue;
      const table = `wanted_${column}s`;
      await client.query(`CREATE TEMP TABLE IF NOT EXISTS ${table} (id integer PRIMARY KEY)`);
      await client.query(`TRUNCATE ${table}`);
      await client.query(`INSERT INTO ${table} SELECT DISTINCT unnest($1::int[])`, [keys]);
      await client.query(`ANALYZE ${table}`);
      joins.push(`JOIN ${table} ON ${table}.id = sales.${column}`);
    }
    // COPY takes no parameters; dates are made from numbers here.
    const until = selection.toDay === undefined ? '' : `AND date <= '${formatDay(selection.toDay)}'`;
    return copyOut(
      client,
      `SELECT product, location, date, quantity_sold, price, promotion, on_hand FROM sales ${joins.join(' ')}
       WHERE date >= '${formatDay(selection.fromDay)}' ${until} ORDER BY product, location, date`,
      (row) => onRow(row.int32(), row.int32(), row.date(), row.float64(), row.float64(), row.float32(), row.float64()),
    );
  }

  /** Rows of sales stored of some products at some locations, of all where none are named; without counting them anew. */
  async rowsStored(products?: readonly number[], locations?: readonly number[]): Promise<number> {
    const [{ rows }] = await this.dataSource.query<{ rows: number }[]>(
      `SELECT coalesce(sum(sales_rows), 0)::float8 AS rows FROM sales_series
       WHERE ($1::int[] IS NULL OR product = ANY($1)) AND ($2::int[] IS NULL OR location = ANY($2))`,
      [products ?? null, locations ?? null],
    );
    return rows;
  }

  /** Newest stated stock, in the order of the keys; series whose files state none are left out. */
  async latestOnHand(products?: readonly number[], locations?: readonly number[]): Promise<StatedStock[]> {
    return this.dataSource.query(
      `SELECT product, location, on_hand AS "onHand", on_hand_date AS date FROM sales_series
       WHERE on_hand IS NOT NULL AND ($1::int[] IS NULL OR product = ANY($1)) AND ($2::int[] IS NULL OR location = ANY($2))
       ORDER BY product, location`,
      [products ?? null, locations ?? null],
    );
  }
}

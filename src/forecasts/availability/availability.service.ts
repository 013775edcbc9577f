import { Injectable } from '@nestjs/common';
import { Reads } from '../../platform/reads/index.ts';
import type { AvailabilityState } from '../../engine/index.ts';
import { ALL_PRODUCTS } from './unsold-days.ts';

/** A day of a product at a place. */
export interface AvailabilityDay {
  /** ISO. */
  readonly date: string;
  readonly state: AvailabilityState;
  /** Units; null where nothing was stated. */
  readonly sold: number | null;
  /** Units; what was sold where that tells the demand, estimated where the shelf was empty, else null. */
  readonly demand: number | null;
}

/** Sales that empty shelves cost a product at a place. */
export interface LostSales {
  readonly product: number;
  readonly location: number;
  readonly stockoutDays: number;
  readonly sold: number;
  readonly demand: number;
  readonly lostUnits: number;
  /** At the day's price, else the product's current one; null where no price is known. */
  readonly lostRevenue: number | null;
}

/** Which lost sales to read; lists that are left out do not narrow. */
export interface LostSalesFilter {
  readonly from: string;
  readonly to: string;
  readonly locations?: readonly number[];
  readonly category?: string;
}

/** What is known of the days on which sales did not tell the demand. */
@Injectable()
export class AvailabilityService {
  constructor(private readonly reads: Reads) {}

  /** Every day `from`..`to` of a product at a place, up to the last day of sales; none of archived months. */
  days(product: number, location: number, from: string, to: string): Promise<AvailabilityDay[]> {
    return this.reads.read((manager) =>
      manager.query<AvailabilityDay[]>(
        `SELECT d.date::date AS date, s.quantity_sold AS sold,
         CASE
           WHEN h.first_date IS NULL OR d.date < h.first_date OR d.date < p.listed_from OR d.date > p.listed_until
             THEN 'not_listed'
           WHEN a.state IS NOT NULL THEN a.state
           WHEN s.quantity_sold > 0 THEN 'sold'
           ELSE 'zero'
         END AS state,
         CASE WHEN a.state IS NULL THEN coalesce(s.quantity_sold, 0) ELSE a.demand END AS demand
       FROM data_clock AS c
       JOIN products AS p ON p.id = $1
       CROSS JOIN generate_series($3::date, least($4::date, c.business_date), interval '1 day') AS d (date)
       LEFT JOIN sales_series AS h ON h.product = $1 AND h.location = $2
       LEFT JOIN sales AS s ON s.product = $1 AND s.location = $2 AND s.date = d.date
       LEFT JOIN LATERAL (
         SELECT state, demand FROM availability_days
         WHERE product IN ($1, ${ALL_PRODUCTS}) AND location = $2 AND date = d.date ORDER BY product LIMIT 1
       ) AS a ON true
       WHERE NOT EXISTS (SELECT 1 FROM archived_months
         WHERE month = date_trunc('month', d.date) AND restored_at IS NULL)
       ORDER BY d.date`,
        [product, location, from, to],
      ),
    );
  }

  /** By product and place, the dearest first. */
  async lostSales({ from, to, locations, category }: LostSalesFilter): Promise<LostSales[]> {
    return this.reads.read((manager) =>
      manager.query<LostSales[]>(
        `SELECT a.product, a.location, count(*)::int AS "stockoutDays", sum(a.sold)::float8 AS sold,
         sum(a.demand)::float8 AS demand, sum(a.demand - a.sold)::float8 AS "lostUnits",
         sum((a.demand - a.sold) * coalesce(a.price, p.current_price))::float8 AS "lostRevenue"
       FROM availability_days AS a JOIN products AS p ON p.id = a.product
       WHERE a.state = 'out_of_stock' AND a.date BETWEEN $1 AND $2 AND ($3::int[] IS NULL OR a.location = ANY ($3))
         AND ($4::text IS NULL OR p.category = $4) AND p.deleted_at IS NULL
       GROUP BY a.product, a.location
       ORDER BY "lostRevenue" DESC NULLS LAST, "lostUnits" DESC, a.product, a.location`,
        [from, to, locations ?? null, category ?? null],
      ),
    );
  }
}

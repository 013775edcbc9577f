import { type Panel, silentDays } from '../../engine/index.ts';

/** First and last day on which a product was or is on sale, counted from 1970-01-01; unbounded where not stated. */
export interface Listing {
  readonly from: number;
  readonly until: number;
}

/**
 * Gathers rows in (product, location, date) order into a {@link Panel} of the days `startPeriod`..`endDay`. A day without a
 * row after a series' first one counts as a day without a sale, unless the whole place is silent on it ({@link silentDays}):
 * then nothing is known of it. Stock of 0 at the end of a day means its sales were cut.
 */
export class PanelBuilder {
  private readonly periodCount: number;
  private readonly product: number[] = [];
  private readonly location: number[] = [];
  private readonly category: number[] = [];
  private readonly firstPeriod: number[] = [];
  /** Rows a day of each place. */
  private readonly rows = new Map<number, Int32Array>();
  private rowsHere: Int32Array = new Int32Array(0);
  private sales = new Float32Array(0);
  private price = new Float32Array(0);
  private promotion = new Float32Array(0);
  private inStock = new Uint8Array(0);
  private priced = false;
  private promoted = false;
  private stocked = false;

  constructor(
    private readonly startPeriod: number,
    endDay: number,
  ) {
    this.periodCount = endDay - startPeriod + 1;
  }

  /**
   * Adds one day of one product at one location; arguments and not an object, for there are millions of them.
   * @param category category code
   * @param day counted from 1970-01-01
   * @param price NaN where unknown
   * @param promotion strength 0..1, NaN where not stated
   * @param onHand stock at the end of the day, NaN where unknown
   */
  add(
    product: number,
    location: number,
    category: number,
    day: number,
    quantity: number,
    price: number,
    promotion: number,
    onHand: number,
  ): void {
    const index = day - this.startPeriod;
    if (index < 0 || index >= this.periodCount) return;
    let series = this.product.length - 1;
    if (series < 0 || this.product[series] !== product || this.location[series] !== location)
      series = this.open(product, location, category, index);
    const at = series * this.periodCount + index;
    this.sales[at] = quantity;
    this.rowsHere[index]++;
    if (price >= 0) {
      this.price[at] = price;
      this.priced = true;
    }
    if (promotion > 0) {
      this.promotion[at] = Math.min(promotion, 1);
      this.promoted = true;
    }
    if (onHand <= 0) {
      this.inStock[at] = 0;
      this.stocked = true;
    }
  }

  /**
   * The panel of all rows added; null if there were none.
   * @param eventDays days with an event, on which a place may be closed, counted from 1970-01-01
   * @param listings of the products that have one; sales outside it count for nothing
   */
  build(eventDays: ReadonlySet<number> = new Set(), listings: ReadonlyMap<number, Listing> = new Map()): Panel | null {
    const seriesCount = this.product.length;
    if (seriesCount === 0) return null;
    const size = seriesCount * this.periodCount;
    this.forgetSilentDays(eventDays);
    const lastPeriod = this.applyListings(listings);
    return {
      startPeriod: this.startPeriod,
      periodCount: this.periodCount,
      seriesCount,
      sales: this.sales.slice(0, size),
      price: this.priced ? this.price.slice(0, size) : null,
      promotion: this.promoted ? this.promotion.slice(0, size) : null,
      inStock: this.stocked ? this.inStock.slice(0, size) : null,
      product: Int32Array.from(this.product),
      location: Int32Array.from(this.location),
      category: Int32Array.from(this.category),
      firstPeriod: Int32Array.from(this.firstPeriod),
      ...(lastPeriod && { lastPeriod }),
    };
  }

  private forgetSilentDays(eventDays: ReadonlySet<number>): void {
    const silentAt = new Map<number, readonly number[]>();
    for (const [location, rows] of this.rows)
      silentAt.set(
        location,
        silentDays(rows, (day) => eventDays.has(this.startPeriod + day)),
      );
    this.location.forEach((location, series) => {
      for (const day of silentAt.get(location) ?? [])
        if (day > this.firstPeriod[series]) this.sales[series * this.periodCount + day] = NaN;
    });
  }

  /** Bounds series by their products' listings; the last periods, null where no product has left. */
  private applyListings(listings: ReadonlyMap<number, Listing>): Int32Array | null {
    const lastPeriod = new Int32Array(this.product.length).fill(this.periodCount - 1);
    let left = false;
    this.product.forEach((product, series) => {
      const listing = listings.get(product);
      if (!listing) return;
      const at = series * this.periodCount;
      const first = Math.min(this.periodCount, Math.max(this.firstPeriod[series], listing.from - this.startPeriod));
      const end = Math.max(0, Math.min(this.periodCount, listing.until - this.startPeriod + 1));
      this.firstPeriod[series] = first;
      this.sales.fill(NaN, at, at + first).fill(NaN, at + end, at + this.periodCount);
      if (end === this.periodCount) return;
      left = true;
      lastPeriod[series] = Math.max(first, end) - 1;
    });
    return left ? lastPeriod : null;
  }

  private open(product: number, location: number, category: number, firstPeriod: number): number {
    const series = this.product.length;
    this.product.push(product);
    this.location.push(location);
    this.category.push(category);
    this.firstPeriod.push(firstPeriod);
    const rows = this.rows.get(location) ?? new Int32Array(this.periodCount);
    this.rows.set(location, rows);
    this.rowsHere = rows;
    const from = series * this.periodCount;
    const to = from + this.periodCount;
    if (to > this.sales.length) this.grow(Math.max(to, Math.ceil(this.sales.length * 1.5)));
    this.sales.fill(NaN, from, from + firstPeriod);
    this.price.fill(NaN, from, to);
    this.inStock.fill(1, from, to);
    return series;
  }

  private grow(size: number): void {
    const copy = <T extends Float32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.sales = copy(this.sales, new Float32Array(size));
    this.price = copy(this.price, new Float32Array(size));
    this.promotion = copy(this.promotion, new Float32Array(size));
    this.inStock = copy(this.inStock, new Uint8Array(size));
  }
}

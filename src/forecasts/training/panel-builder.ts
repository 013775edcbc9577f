import type { Panel } from '../../engine/index.ts';

/**
 * Gathers rows in (product, location, date) order into a {@link Panel} of the days `startPeriod`..`endDay`. A day without a
 * row after a series' first one counts as a day without a sale; stock of 0 at the end of a day means its sales were cut.
 */
export class PanelBuilder {
  private readonly periodCount: number;
  private readonly product: number[] = [];
  private readonly location: number[] = [];
  private readonly category: number[] = [];
  private readonly firstPeriod: number[] = [];
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

  /** The panel of all rows added; null if there were none. */
  build(): Panel | null {
    const seriesCount = this.product.length;
    if (seriesCount === 0) return null;
    const size = seriesCount * this.periodCount;
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
    };
  }

  private open(product: number, location: number, category: number, firstPeriod: number): number {
    const series = this.product.length;
    this.product.push(product);
    this.location.push(location);
    this.category.push(category);
    this.firstPeriod.push(firstPeriod);
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

import type { InvoiceLine } from './invoice-lines.ts';

/** A sale of which parts may have been cancelled since. */
interface Purchase {
  readonly date: number;
  readonly product: number;
  readonly country: number;
  readonly price: number;
  remaining: number;
}

/** A cancellation, to be netted once all sales before it are known. */
interface Cancellation {
  readonly buyer: string;
  /** How many purchases stood before it in the file. */
  readonly position: number;
  readonly date: number;
  quantity: number;
}

/** What was left out, in lines. */
export interface LeftOut {
  /** Cancellations without an earlier purchase that they could belong to, or with too small a one. */
  unmatched: number;
  /** Negative quantities that are no cancellation, and quantities of 0. */
  corrections: number;
  unpriced: number;
  /** Postage, fees and adjustments. */
  noProducts: number;
  /** Invoices that another file or sheet had already. */
  repeated: number;
}

/** A product's sales in a country on a day. */
export interface DailySale {
  readonly date: number;
  readonly product: number;
  readonly country: number;
  units: number;
  revenue: number;
}

/** Codes of goods have at least so many digits; POST, D, M, C2, BANK CHARGES and their like have fewer. */
const FEWEST_DIGITS = 4;

class Numbering {
  readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  of(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/**
 * Sums invoice lines to product × country × day. A cancellation is taken off the same customer's latest purchases of the
 * product in that country, on the days of these, since a purchase that was taken back was no demand. Customers are known
 * in here alone.
 */
export class NettedInvoices {
  readonly leftOut: LeftOut = { unmatched: 0, corrections: 0, unpriced: 0, noProducts: 0, repeated: 0 };
  /** Texts of the dates, with where each was first seen. */
  readonly dates = new Numbering();
  readonly firstSeen: string[] = [];
  readonly products = new Numbering();
  readonly countries = new Numbering();
  /** By product: the first description that a sale gave. */
  readonly descriptions: string[] = [];
  private readonly purchases: Purchase[] = [];
  private readonly sourceOf = new Map<string, string>();
  private readonly byBuyer = new Map<string, number[]>();
  private readonly cancellations: Cancellation[] = [];

  add(line: InvoiceLine): void {
    // Editions by year share their last and first days.
    const source = this.sourceOf.get(line.invoice) ?? line.source;
    this.sourceOf.set(line.invoice, source);
    if (source !== line.source) return void this.leftOut.repeated++;
    const code = line.stockCode.toUpperCase();
    if (code.replace(/\D/g, '').length < FEWEST_DIGITS) return void this.leftOut.noProducts++;
    const isCancelled = /^c/i.test(line.invoice);
    if (!isCancelled && !(line.quantity > 0)) return void this.leftOut.corrections++;
    if (!isCancelled && !(line.price > 0)) return void this.leftOut.unpriced++;
    const date = this.dates.of(line.date);
    this.firstSeen[date] ??= line.where;
    const product = this.products.of(code);
    const country = this.countries.of(line.country);
    const buyer = line.customer === '' ? '' : `${line.customer} ${product} ${country}`;
    if (isCancelled) {
      const quantity = Math.abs(line.quantity);
      this.cancellations.push({ buyer, position: this.purchases.length, date, quantity });
      return;
    }
    this.descriptions[product] ||= line.description;
    if (buyer) this.purchasesOf(buyer).push(this.purchases.length);
    this.purchases.push({ date, product, country, price: line.price, remaining: line.quantity });
  }

  /**
   * Nets the cancellations and answers what is left, in no order.
   * @param days day of each date
   */
  finish(days: Int32Array): DailySale[] {
    const ordered = [...this.cancellations].sort((a, b) => days[a.date] - days[b.date] || a.position - b.position);
    for (const cancellation of ordered) this.net(cancellation, days);
    const sums = new Map<string, DailySale>();
    for (const { date, product, country, price, remaining } of this.purchases) {
      if (remaining <= 0) continue;
      const key = `${days[date]} ${product} ${country}`;
      const sum = sums.get(key) ?? { date, product, country, units: 0, revenue: 0 };
      sums.set(key, sum);
      sum.units += remaining;
      sum.revenue += remaining * price;
    }
    return [...sums.values()];
  }

  private net(cancellation: Cancellation, days: Int32Array): void {
    const day = days[cancellation.date];
    const earlier = (this.byBuyer.get(cancellation.buyer) ?? [])
      .filter((index) => {
        const { date } = this.purchases[index];
        // Of the same day, those that stand before it.
        return days[date] < day || (days[date] === day && index < cancellation.position);
      })
      .sort((a, b) => days[this.purchases[b].date] - days[this.purchases[a].date] || b - a);
    for (const index of earlier) {
      const purchase = this.purchases[index];
      const taken = Math.min(purchase.remaining, cancellation.quantity);
      purchase.remaining -= taken;
      cancellation.quantity -= taken;
      if (cancellation.quantity === 0) return;
    }
    this.leftOut.unmatched++;
  }

  private purchasesOf(buyer: string): number[] {
    const known = this.byBuyer.get(buyer) ?? [];
    this.byBuyer.set(buyer, known);
    return known;
  }
}

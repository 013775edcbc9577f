import type { CalendarTable } from './calendar.ts';
import { groupBy, groupByCategoryAndLocation, totalGroups, type GroupTotals } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';

/** Smoothing constants of the exponentially weighted means, slow and fast. */
export const SLOW_ALPHA = 0.03;
export const FAST_ALPHA = 0.12;

/** Everything features are computed from: the panel, its calendar and the totals of its groups. */
export interface FeatureSource {
  readonly panel: Panel;
  readonly observed: Uint8Array;
  readonly calendar: CalendarTable;
  readonly byProduct: GroupTotals;
  readonly byShelf: GroupTotals;
  readonly byLocation: GroupTotals;
  /** Planned price and promotion of the days after the panel, `[seriesCount * futurePeriods]`. */
  readonly futurePrice: Float32Array | null;
  readonly futurePromotion: Float32Array | null;
  readonly futurePeriods: number;
}

/** Gathers what the features of a panel need. A shelf is one category at one location. */
export function featureSource(
  panel: Panel,
  observed: Uint8Array,
  calendar: CalendarTable,
  future: { price: Float32Array | null; promotion: Float32Array | null; days: number } | null,
): FeatureSource {
  return {
    panel,
    observed,
    calendar,
    byProduct: totalGroups(panel, observed, groupBy(panel.product)),
    byShelf: totalGroups(panel, observed, groupByCategoryAndLocation(panel)),
    byLocation: totalGroups(panel, observed, groupBy(panel.location)),
    futurePrice: future?.price ?? null,
    futurePromotion: future?.promotion ?? null,
    futurePeriods: future?.days ?? 0,
  };
}

/**
 * Running sums of one series. Entry `d` of an array tells about the days BEFORE day `d` only, so a feature that reads
 * entries up to its origin cannot see the origin itself or anything later. One object is filled again and again.
 */
export class SeriesHistory {
  series = -1;
  readonly sum: Float64Array;
  readonly sumOfSquares: Float64Array;
  readonly count: Float64Array;
  readonly nonZero: Float64Array;
  readonly slowMean: Float64Array;
  readonly fastMean: Float64Array;
  /** Days without a sale since the last one. */
  readonly zeroRun: Float64Array;
  readonly priceSum: Float64Array;
  readonly priceCount: Float64Array;
  readonly lastPrice: Float64Array;
  readonly promotionSum: Float64Array;

  constructor(readonly source: FeatureSource) {
    const size = source.panel.periodCount + 1;
    const array = () => new Float64Array(size);
    this.sum = array();
    this.sumOfSquares = array();
    this.count = array();
    this.nonZero = array();
    this.slowMean = array();
    this.fastMean = array();
    this.zeroRun = array();
    this.priceSum = array();
    this.priceCount = array();
    this.lastPrice = array();
    this.promotionSum = array();
  }

  /** Fills the running sums for one series. */
  load(series: number): void {
    this.series = series;
    this.loadSales(series);
    this.loadSignals(series);
  }

  private loadSales(series: number): void {
    const { panel, observed } = this.source;
    const { periodCount, sales } = panel;
    const offset = series * periodCount;
    let slow = NaN;
    let fast = NaN;
    let run = NaN;
    this.slowMean[0] = NaN;
    this.fastMean[0] = NaN;
    this.zeroRun[0] = NaN;
    for (let d = 0; d < periodCount; d++) {
      const seen = observed[offset + d] === 1;
      const value = seen ? sales[offset + d] : 0;
      if (seen) {
        slow = Number.isNaN(slow) ? value : slow + SLOW_ALPHA * (value - slow);
        fast = Number.isNaN(fast) ? value : fast + FAST_ALPHA * (value - fast);
        run = value > 0 ? 0 : Number.isNaN(run) ? 1 : run + 1;
      }
      this.sum[d + 1] = this.sum[d] + value;
      this.sumOfSquares[d + 1] = this.sumOfSquares[d] + value * value;
      this.count[d + 1] = this.count[d] + (seen ? 1 : 0);
      this.nonZero[d + 1] = this.nonZero[d] + (value > 0 ? 1 : 0);
      this.slowMean[d + 1] = slow;
      this.fastMean[d + 1] = fast;
      this.zeroRun[d + 1] = run;
    }
  }

  private loadSignals(series: number): void {
    const { periodCount, price, promotion } = this.source.panel;
    const offset = series * periodCount;
    if (price !== null) {
      let last = NaN;
      this.lastPrice[0] = NaN;
      for (let d = 0; d < periodCount; d++) {
        const value = price[offset + d];
        const known = value > 0;
        if (known) last = value;
        this.priceSum[d + 1] = this.priceSum[d] + (known ? value : 0);
        this.priceCount[d + 1] = this.priceCount[d] + (known ? 1 : 0);
        this.lastPrice[d + 1] = last;
      }
    }
    if (promotion !== null) {
      for (let d = 0; d < periodCount; d++) {
        const value = promotion[offset + d];
        this.promotionSum[d + 1] = this.promotionSum[d] + (value > 0 ? value : 0);
      }
    }
  }

  /** Mean of the observed days in `[from, to)`; NaN if there are none. */
  mean(from: number, to: number): number {
    const start = from < 0 ? 0 : from;
    if (start >= to) return NaN;
    const count = this.count[to] - this.count[start];
    return count > 0 ? (this.sum[to] - this.sum[start]) / count : NaN;
  }

  /** Sales of one day, NaN where not observed. */
  at(day: number): number {
    const { panel, observed } = this.source;
    if (day < 0 || day >= panel.periodCount) return NaN;
    const index = this.series * panel.periodCount + day;
    return observed[index] === 1 ? panel.sales[index] : NaN;
  }
}

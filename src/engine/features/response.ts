import { solveSymmetric } from '../seasonal/ridge.ts';
import { groupBy } from '../series/groups.ts';
import { TRAITS } from '../series/frequency.ts';
import { FEATURE_PLANS } from './plans.ts';
import type { PlanSource } from './plan-source.ts';
import { isPushed, pushesOf, regularPrices, writePushes, type Pushes } from './pushes.ts';

const { floor, log1p, max, min } = Math;

/** Weight of what is known of all products for a category, and of the category for a product, in observed periods. */
const PRIOR = { all: 5, category: 20, product: 20 };
/** Bounds of a lift, as logarithms. */
const LIFT = { least: -1, most: 3 };

/**
 * How demand answers to price and promotion, product by product: a regression of log(1 + units) over the unpushed level
 * on the pushes of the period. Products are drawn to their category and categories to all, so that a product that was
 * never promoted borrows from those that were. Learned anew every few periods from those before alone.
 */
export class DemandResponse {
  private readonly pushes: Pushes;
  /** Periods over which a price counts as regular. */
  private readonly window: number;
  private readonly step: number;
  private readonly products: { readonly count: number; readonly groupOf: Int32Array };
  private readonly snapshots: number;
  private readonly coefficients: Float32Array;
  private readonly numbers: Float64Array;
  private readonly alpha: number;

  constructor(private readonly source: PlanSource) {
    const { panel } = source;
    const frequency = panel.frequency ?? 'daily';
    const plan = FEATURE_PLANS[frequency];
    this.pushes = pushesOf(panel);
    this.window = plan.medium;
    this.step = plan.responseStep;
    this.alpha = plan.ewmaAlphas[1];
    this.products = groupBy(panel.product);
    this.snapshots = floor(panel.periodCount / this.step) + 1;
    this.coefficients = new Float32Array(this.products.count * this.snapshots * this.pushes.width);
    this.numbers = new Float64Array(this.pushes.width);
    this.learn(0.5 ** (this.step / TRAITS[frequency].year));
  }

  /**
   * Logarithm of the factor by which the pushes of period `t` lift demand, as known before `origin`.
   * @param regular the regular price before the origin
   */
  lift(series: number, origin: number, t: number, regular: number): number {
    const { width } = this.pushes;
    const numbers = this.numbersOf(series, t, regular);
    const at = (this.products.groupOf[series] * this.snapshots + floor(origin / this.step)) * width;
    let sum = 0;
    for (let k = 0; k < width; k++) sum += this.coefficients[at + k] * numbers[k];
    return min(LIFT.most, max(LIFT.least, sum));
  }

  /** Names of the flags among the pushes. */
  get flagNames(): readonly string[] {
    return this.pushes.flags.map(({ name }) => name);
  }

  /** The pushes of period `t` against a regular price; overwritten by the next call. */
  numbersOf(series: number, t: number, regular: number): Float64Array {
    writePushes(this.pushes, this.source, series, t, regular, this.numbers);
    return this.numbers;
  }

  /** Highest price of late before each period of the panel and after it. */
  regularPrices(series: number, out: Float64Array): void {
    regularPrices(this.source, series, this.window, out);
  }

  private learn(decay: number): void {
    const { panel } = this.source;
    const { width } = this.pushes;
    const categories = groupBy(panel.category);
    const size = this.snapshots * (width * (width + 1));
    const perCategory = Array.from({ length: categories.count }, () => new Float64Array(size));
    const seriesOf: number[][] = Array.from({ length: this.products.count }, () => []);
    for (let s = 0; s < panel.seriesCount; s++) {
      seriesOf[this.products.groupOf[s]].push(s);
      this.addSeries(s, perCategory[categories.groupOf[s]]);
    }
    const everything = new Float64Array(size);
    for (const sums of perCategory) for (let i = 0; i < size; i++) everything[i] += sums[i];
    const none = new Float32Array(this.snapshots * width);
    const ofAll = this.solve(everything, none, PRIOR.all, decay);
    const ofCategory = perCategory.map((sums) => this.solve(sums, ofAll, PRIOR.category, decay));
    seriesOf.forEach((series, product) => {
      const sums = new Float64Array(size);
      for (const s of series) this.addSeries(s, sums);
      const prior = ofCategory[categories.groupOf[series[0]]];
      this.coefficients.set(this.solve(sums, prior, PRIOR.product, decay), product * this.snapshots * width);
    });
  }

  /** Adds the normal equations of one series to those of the snapshot that first may know each period. */
  private addSeries(series: number, sums: Float64Array): void {
    const { panel, observed } = this.source;
    const { periodCount, sales } = panel;
    const { width } = this.pushes;
    const stride = width * (width + 1);
    const regular = new Float64Array(periodCount + 1);
    this.regularPrices(series, regular);
    let level = NaN;
    for (let t = panel.firstPeriod[series]; t < periodCount; t++) {
      if (observed[series * periodCount + t] === 0) continue;
      const units = sales[series * periodCount + t];
      const numbers = this.numbersOf(series, t, regular[t]);
      if (level >= 0) {
        const at = (floor(t / this.step) + 1) * stride;
        const answer = log1p(units) - log1p(level);
        if (at < sums.length)
          for (let i = 0; i < width; i++) {
            sums[at + width * width + i] += numbers[i] * answer;
            for (let j = 0; j <= i; j++) sums[at + i * width + j] += numbers[i] * numbers[j];
          }
      }
      if (!isPushed(numbers)) level = level >= 0 ? level + this.alpha * (units - level) : units;
    }
  }

  /** Ridge regressions drawn to a prior, one per snapshot, older periods fading. */
  private solve(sums: Float64Array, prior: Float32Array, weight: number, decay: number): Float32Array {
    const { width } = this.pushes;
    const stride = width * (width + 1);
    const running = new Float64Array(stride);
    const out = new Float32Array(this.snapshots * width);
    for (let snapshot = 0; snapshot < this.snapshots; snapshot++) {
      for (let i = 0; i < stride; i++) running[i] = running[i] * decay + sums[snapshot * stride + i];
      const normal = running.slice(0, width * width);
      const right = running.slice(width * width);
      const at = snapshot * width;
      for (let i = 0; i < width; i++) {
        for (let j = 0; j < width; j++) right[i] -= normal[j <= i ? i * width + j : j * width + i] * prior[at + j];
      }
      for (let i = 0; i < width; i++) normal[i * width + i] += weight;
      const found = solveSymmetric(normal, right, width);
      for (let i = 0; i < width; i++) out[at + i] = prior[at + i] + found[i];
    }
    return out;
  }
}

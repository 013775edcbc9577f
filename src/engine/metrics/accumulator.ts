import type { Measure, Numbers } from './point.ts';
import { pinballLoss } from './quantile.ts';

/** Pooled measures of all observations added; null where undefined. */
export interface AccuracySummary {
  readonly count: number;
  readonly actualSum: number;
  readonly forecastSum: number;
  readonly mae: Measure;
  readonly rmse: Measure;
  readonly r2: Measure;
  /** Percent, over non-zero actuals. */
  readonly mape: Measure;
  /** Zero actuals left out of `mape`. */
  readonly mapeExcluded: number;
  readonly wape: Measure;
  /** 0–200. */
  readonly smape: Measure;
  readonly bias: Measure;
  readonly trackingSignal: Measure;
  readonly wql10: Measure;
  readonly wql50: Measure;
  readonly wql90: Measure;
  /** Share of outcomes in [p10, p90]; nominal 0.8. */
  readonly coverage80: Measure;
  /** Mean p90 − p10. */
  readonly width80: Measure;
  readonly winkler80: Measure;
}

/**
 * Pools accuracy over any number of series or horizons in constant memory: sums are kept, ratios are taken once at the
 * end, so that no percentage is ever averaged. Two accumulators of parts merge into that of the whole.
 */
export class AccuracyAccumulator {
  private count = 0;
  private actual = 0;
  private forecast = 0;
  private absoluteActual = 0;
  private absolute = 0;
  private squared = 0;
  /** Running mean and squared deviations of the actuals (Welford), safe from cancellation. */
  private mean = 0;
  private deviation = 0;
  private percentage = 0;
  private percentageCount = 0;
  private symmetric = 0;
  private loss10 = 0;
  private loss50 = 0;
  private loss90 = 0;
  private inside = 0;
  private width = 0;
  private penalty = 0;

  /** Adds observations by position, all of `actual.length`; positions with an actual that is not finite are skipped. */
  add(actual: Numbers, mean: Numbers, p10: Numbers, p50: Numbers, p90: Numbers): this {
    for (let i = 0; i < actual.length; i++) this.addOne(actual[i], mean[i], p10[i], p50[i], p90[i]);
    return this;
  }

  /** Adds one observation; ignored when the actual is not finite. */
  addOne(actual: number, mean: number, p10: number, p50: number, p90: number): void {
    if (!Number.isFinite(actual)) return;
    const error = Math.abs(actual - mean);
    this.count++;
    this.actual += actual;
    this.forecast += mean;
    this.absoluteActual += Math.abs(actual);
    this.absolute += error;
    this.squared += error * error;
    const step = actual - this.mean;
    this.mean += step / this.count;
    this.deviation += step * (actual - this.mean);
    if (actual !== 0) {
      this.percentage += error / Math.abs(actual);
      this.percentageCount++;
    }
    const size = Math.abs(actual) + Math.abs(mean);
    if (size > 0) this.symmetric += error / size;
    this.loss10 += pinballLoss(actual, p10, 0.1);
    this.loss50 += pinballLoss(actual, p50, 0.5);
    this.loss90 += pinballLoss(actual, p90, 0.9);
    if (actual >= p10 && actual <= p90) this.inside++;
    this.width += p90 - p10;
    this.penalty += Math.max(0, p10 - actual, actual - p90);
  }

  /** Adds everything another accumulator has seen. */
  merge(other: AccuracyAccumulator): this {
    const count = this.count + other.count;
    if (other.count > 0) {
      const step = other.mean - this.mean;
      this.deviation += other.deviation + (step * step * this.count * other.count) / count;
      this.mean += (step * other.count) / count;
    }
    this.count = count;
    this.actual += other.actual;
    this.forecast += other.forecast;
    this.absoluteActual += other.absoluteActual;
    this.absolute += other.absolute;
    this.squared += other.squared;
    this.percentage += other.percentage;
    this.percentageCount += other.percentageCount;
    this.symmetric += other.symmetric;
    this.loss10 += other.loss10;
    this.loss50 += other.loss50;
    this.loss90 += other.loss90;
    this.inside += other.inside;
    this.width += other.width;
    this.penalty += other.penalty;
    return this;
  }

  summary(): AccuracySummary {
    const n = this.count;
    const share = (sum: number, total: number): Measure => (total !== 0 ? sum / total : null);
    const mae = share(this.absolute, n);
    const mse = share(this.squared, n);
    const unexplained = share(this.squared, this.deviation);
    return {
      count: n,
      actualSum: this.actual,
      forecastSum: this.forecast,
      mae,
      rmse: mse === null ? null : Math.sqrt(mse),
      r2: unexplained === null ? null : 1 - unexplained,
      mape: share(100 * this.percentage, this.percentageCount),
      mapeExcluded: n - this.percentageCount,
      wape: share(this.absolute, this.absoluteActual),
      smape: share(200 * this.symmetric, n),
      bias: share(this.forecast - this.actual, this.actual),
      trackingSignal: mae === null ? null : share(this.actual - this.forecast, mae),
      wql10: share(2 * this.loss10, this.absoluteActual),
      wql50: share(2 * this.loss50, this.absoluteActual),
      wql90: share(2 * this.loss90, this.absoluteActual),
      coverage80: share(this.inside, n),
      width80: share(this.width, n),
      // Winkler for a central 80 % interval: 2/alpha = 10.
      winkler80: share(this.width + 10 * this.penalty, n),
    };
  }
}

import type { CalendarTable } from '../features/calendar.ts';
import type { Panel } from '../series/panel.ts';
import { buildCalendarDesign, CALENDAR_PARTS, type CalendarDesign } from './calendar-design.ts';
import { SharedRidge } from './ridge.ts';
import { largestValue, recentMean, sliceOf } from './slice.ts';

/** Fewest observed days for the additive model; shorter series get the mean of their days. */
const FEWEST_DAYS = 28;
/** History from which a yearly part can be told from a trend. */
const DAYS_FOR_YEARLY = 540;
const LONGEST_HISTORY = 1100;
/** Days after which a day weighs half, in the fit and in the correction of the level by the latest errors. */
const FIT_HALF_LIFE = 365;
const LEVEL_HALF_LIFE = 21;

/** Additive forecast of one series; `parts[p][h]` add up to `mean[h]` (CALENDAR_PARTS names them). */
export interface AdditiveForecast {
  readonly mean: Float32Array;
  readonly parts: readonly Float32Array[];
}

/**
 * Trend + weekly + yearly + holiday model of every series of a panel, each a ridge regression on the calendar, in
 * units (the Prophet family without its sampler). Build once per origin, ask per series.
 */
export class AdditiveModel {
  private readonly design: CalendarDesign;
  private readonly ridge: SharedRidge;
  private readonly levelWeights: Float64Array;
  private readonly from: number;

  constructor(
    private readonly panel: Panel,
    private readonly observed: Uint8Array,
    calendar: CalendarTable,
    private readonly horizon: number,
  ) {
    const end = panel.periodCount;
    this.from = Math.max(0, end - LONGEST_HISTORY);
    const days = end - this.from;
    this.design = buildCalendarDesign(calendar, panel.startPeriod, {
      from: this.from,
      end,
      horizon,
      bendEvery: 180,
      fourierOrder: days >= DAYS_FOR_YEARLY ? 3 : 0,
      monthBands: false,
      eventReach: { before: 0, after: 0 },
    });
    const decay = (halfLife: number) =>
      Float64Array.from({ length: days }, (_, r) => 0.5 ** ((days - 1 - r) / halfLife));
    this.ridge = new SharedRidge(this.design, decay(FIT_HALF_LIFE));
    this.levelWeights = decay(LEVEL_HALF_LIFE);
  }

  /** Forecasts one series. The clipping at 0 and at the greatest sale seen is booked to the trend. */
  forecast(series: number): AdditiveForecast {
    const { panel, observed, design, from, horizon } = this;
    const slice = sliceOf(panel, observed, series);
    const days = slice.end - from;
    const use = observed.subarray(slice.offset + from, slice.offset + slice.end);
    const parts = CALENDAR_PARTS.map(() => new Float32Array(horizon));
    const mean = new Float32Array(horizon);
    let used = 0;
    for (let r = 0; r < days; r++) used += use[r];
    if (used < FEWEST_DAYS) {
      mean.fill(recentMean(slice, days));
      parts[0].set(mean);
      return { mean, parts };
    }
    const target = panel.sales
      .subarray(slice.offset + from, slice.offset + slice.end)
      .map((y, r) => (use[r] === 1 ? y : 0));
    const coefficients = this.ridge.fit(target, use);
    let miss = 0;
    let weight = 0;
    for (let r = 0; r < days; r++) {
      if (use[r] === 0) continue;
      let fitted = 0;
      for (let i = design.rowStart[r]; i < design.rowStart[r + 1]; i++)
        fitted += coefficients[design.column[i]] * design.value[i];
      miss += this.levelWeights[r] * (target[r] - fitted);
      weight += this.levelWeights[r];
    }
    const correction = weight > 0 ? miss / weight : 0;
    const cap = largestValue(slice);
    for (let h = 0; h < horizon; h++) {
      const sums = new Float64Array(CALENDAR_PARTS.length);
      const row = days + h;
      for (let i = design.rowStart[row]; i < design.rowStart[row + 1]; i++)
        sums[design.partOf[design.column[i]]] += coefficients[design.column[i]] * design.value[i];
      sums[0] += correction;
      const total = sums[0] + sums[1] + sums[2] + sums[3];
      mean[h] = Math.min(cap, Math.max(0, total));
      sums[0] += mean[h] - total;
      for (let p = 0; p < parts.length; p++) parts[p][h] = sums[p];
    }
    return { mean, parts };
  }
}

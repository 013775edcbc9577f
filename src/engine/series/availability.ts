import type { Panel } from './panel.ts';

/**
 * One flag per series and day: 1 where the day's sales tell the demand. Not observed are days before the first sale,
 * after the last, days without a value and days out of stock, whose sales are cut by what was on the shelf.
 */
export function observedDays(panel: Panel): Uint8Array {
  const { periodCount, seriesCount, sales, inStock } = panel;
  const observed = new Uint8Array(seriesCount * periodCount);
  for (let s = 0; s < seriesCount; s++) {
    const offset = s * periodCount;
    const last = lastPeriodOf(panel, s);
    for (let d = Math.max(0, panel.firstPeriod[s]); d <= last; d++) {
      const at = offset + d;
      if (sales[at] >= 0 && (inStock === null || inStock[at] !== 0)) observed[at] = 1;
    }
  }
  return observed;
}

/** Day index of the last day on sale of a series. */
export function lastPeriodOf(panel: Panel, series: number): number {
  return panel.lastPeriod === undefined
    ? panel.periodCount - 1
    : Math.min(panel.lastPeriod[series], panel.periodCount - 1);
}

/** What a series' period tells of demand. `sold` and `zero` are demand; the others are not, or not all of it. */
export const AVAILABILITY_STATES = ['sold', 'zero', 'out_of_stock', 'closed', 'not_listed', 'unknown'] as const;
export type AvailabilityState = (typeof AVAILABILITY_STATES)[number];

/** Periods to each side whose sales tell whether a place that sold nothing was open. */
const OPEN_REACH = 28;
/** Units a day of a place below which a day without any happens by chance. */
const CLOSED_UNITS = 10;

/**
 * State of each series and period, as indices into {@link AVAILABILITY_STATES}: not listed before the first and after the
 * last period, out of stock where the panel says so, unknown where there is no value, closed where the whole place sold
 * nothing though it ordinarily sells at least ten units a period.
 */
export function availabilityStates(panel: Panel): Uint8Array {
  const { periodCount, seriesCount, sales, inStock, location } = panel;
  const code = (state: AvailabilityState) => AVAILABILITY_STATES.indexOf(state);
  const totals = new Map<number, Float64Array>();
  for (let s = 0; s < seriesCount; s++) {
    const total = totals.get(location[s]) ?? new Float64Array(periodCount).fill(NaN);
    totals.set(location[s], total);
    for (let t = Math.max(0, panel.firstPeriod[s]); t <= lastPeriodOf(panel, s); t++) {
      const value = sales[s * periodCount + t];
      if (value >= 0) total[t] = (total[t] >= 0 ? total[t] : 0) + value;
    }
  }
  const closed = new Map([...totals].map(([place, total]) => [place, closedPeriods(total)]));
  const states = new Uint8Array(seriesCount * periodCount).fill(code('not_listed'));
  for (let s = 0; s < seriesCount; s++) {
    const shut = closed.get(location[s]) as Uint8Array;
    for (let t = Math.max(0, panel.firstPeriod[s]); t <= lastPeriodOf(panel, s); t++) {
      const at = s * periodCount + t;
      if (!(sales[at] >= 0)) states[at] = code('unknown');
      else if (shut[t] === 1) states[at] = code('closed');
      else if (inStock !== null && inStock[at] === 0) states[at] = code('out_of_stock');
      else states[at] = code(sales[at] > 0 ? 'sold' : 'zero');
    }
  }
  return states;
}

function closedPeriods(total: Float64Array): Uint8Array {
  const closed = new Uint8Array(total.length);
  total.forEach((units, t) => {
    if (units !== 0) return;
    let sum = 0;
    let count = 0;
    for (let other = Math.max(0, t - OPEN_REACH); other < Math.min(total.length, t + OPEN_REACH + 1); other++)
      if (total[other] > 0) {
        sum += total[other];
        count++;
      }
    if (count > 0 && sum >= CLOSED_UNITS * count) closed[t] = 1;
  });
  return closed;
}

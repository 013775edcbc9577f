import { createRng } from '../../src/engine/rng.ts';
import type { Panel } from '../../src/engine/series/panel.ts';

/** 2023-01-01, a Sunday. */
export const FIRST_DAY = 19358;

/** Settings of {@link demandPanel}. */
export interface DemandSettings {
  readonly products?: number;
  readonly locations?: number;
  readonly days?: number;
  readonly seed?: number;
  /** Mean units a day of product `p` at location `l` on day index `d`. */
  readonly mean?: (product: number, location: number, day: number) => number;
}

/** A panel of Poisson-like sales with a weekly shape; every product is sold at every location from day 0 on. */
export function demandPanel(settings: DemandSettings = {}): Panel {
  const { products = 4, locations = 2, days = 200, seed = 1 } = settings;
  const mean = settings.mean ?? ((p, l, d) => (1 + p + l) * ((d + 6) % 7 >= 5 ? 2 : 1));
  const rng = createRng(seed);
  const seriesCount = products * locations;
  const sales = new Float32Array(seriesCount * days);
  for (let s = 0; s < seriesCount; s++)
    for (let d = 0; d < days; d++)
      sales[s * days + d] = poisson(mean(Math.floor(s / locations), s % locations, d), rng);
  return {
    startPeriod: FIRST_DAY,
    periodCount: days,
    seriesCount,
    sales,
    price: null,
    promotion: null,
    inStock: null,
    product: Int32Array.from({ length: seriesCount }, (_, s) => Math.floor(s / locations)),
    location: Int32Array.from({ length: seriesCount }, (_, s) => s % locations),
    category: Int32Array.from({ length: seriesCount }, (_, s) => Math.floor(s / locations) % 2),
    firstPeriod: new Int32Array(seriesCount),
  };
}

/** A panel from rows of daily sales, one series each, all of one category and location; NaN = not yet on sale. */
export function panelOf(rows: readonly (readonly number[])[]): Panel {
  const periodCount = rows[0].length;
  return {
    startPeriod: FIRST_DAY,
    periodCount,
    seriesCount: rows.length,
    sales: Float32Array.from(rows.flat()),
    price: null,
    promotion: null,
    inStock: null,
    product: Int32Array.from(rows, (_, s) => s),
    location: new Int32Array(rows.length),
    category: new Int32Array(rows.length),
    firstPeriod: Int32Array.from(rows, (row) => {
      const first = row.findIndex((value) => value >= 0);
      return first < 0 ? periodCount : first;
    }),
  };
}

/** Knuth's draw; fine for the small means of tests. */
function poisson(mean: number, rng: () => number): number {
  const limit = Math.exp(-mean);
  let product = rng();
  let count = 0;
  while (product > limit) {
    product *= rng();
    count++;
  }
  return count;
}

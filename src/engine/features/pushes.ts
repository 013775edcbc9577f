import { isPlanned, type Covariate, type Panel } from '../series/panel.ts';
import type { PlanSource } from './plan-source.ts';

/**
 * What a seller does to push a product in a period and plans ahead: price, promotion, and flags such as a display or a
 * leaflet. Rows of the arrays are series.
 */
export interface Pushes {
  /** Numbers per period: 1, the logarithm of the price over the regular one, promotion, flags, promotion × flag. */
  readonly width: number;
  readonly flags: readonly Covariate[];
}

/** Flags that are set more often than this say something else than that a product is pushed. */
const MOST_SET = 0.3;
/** So many flags at most; each adds two unknowns per product. */
const MOST_FLAGS = 4;
/** A price below this share of the regular one is a price cut. */
const CUT = 0.95;

/** The pushes of a panel. */
export function pushesOf({ covariates }: Panel): Pushes {
  const flags = (covariates ?? []).filter((one) => isPlanned(one) && isRareFlag(one.values)).slice(0, MOST_FLAGS);
  return { width: 3 + 2 * flags.length, flags };
}

function isRareFlag(values: Float32Array): boolean {
  let set = 0;
  for (const value of values) {
    if (value === 1) set++;
    else if (value > 0 || value < 0) return false;
  }
  return set > 0 && set <= MOST_SET * values.length;
}

/** Value of a price or promotion in a period of the panel or of the plan after it; NaN where neither tells. */
export function plannedAt(source: PlanSource, what: 'price' | 'promotion', series: number, t: number): number {
  const { panel, futurePeriods } = source;
  const { periodCount } = panel;
  if (t < periodCount) return panel[what]?.[series * periodCount + t] ?? NaN;
  const planned = what === 'price' ? source.futurePrice : source.futurePromotion;
  const ahead = t - periodCount;
  return planned === null || ahead >= futurePeriods ? NaN : planned[series * futurePeriods + ahead];
}

/**
 * Writes the numbers of a period; what is unknown counts as not pushed.
 * @param regular price that is not reduced, NaN where unknown
 */
export function writePushes(
  { width, flags }: Pushes,
  source: PlanSource,
  series: number,
  t: number,
  regular: number,
  out: Float64Array,
): void {
  const price = plannedAt(source, 'price', series, t);
  const promotion = plannedAt(source, 'promotion', series, t);
  out[0] = 1;
  out[1] = price > 0 && regular > 0 ? Math.log(price / regular) : 0;
  out[2] = promotion > 0 ? promotion : 0;
  flags.forEach(({ rowOf, values, stride }, f) => {
    const set = t < stride && values[rowOf[series] * stride + t] > 0 ? 1 : 0;
    out[3 + f] = set;
    out[3 + flags.length + f] = set * out[2];
  });
  for (let k = 0; k < width; k++) if (!(Math.abs(out[k]) < 1e3)) out[k] = 0;
}

/** Whether such numbers tell of any push. */
export function isPushed(numbers: Float64Array): boolean {
  for (let k = 2; k < numbers.length; k++) if (numbers[k] > 0) return true;
  return numbers[1] < Math.log(CUT);
}

/** Highest known price of the last `window` periods before each period: what is asked when nothing is reduced. */
export function regularPrices(source: PlanSource, series: number, window: number, out: Float64Array): void {
  const { price, periodCount } = source.panel;
  out.fill(NaN);
  if (price === null) return;
  const row = price.subarray(series * periodCount, (series + 1) * periodCount);
  for (let t = 1; t <= periodCount; t++) {
    const leaving = t > window ? row[t - 1 - window] : NaN;
    const entering = row[t - 1];
    const before = out[t - 1];
    if (entering > 0 && !(before > entering)) out[t] = entering;
    else if (before > 0 && leaving !== before) out[t] = before;
    else {
      let highest = NaN;
      for (let u = Math.max(0, t - window); u < t; u++) if (row[u] > 0 && !(highest >= row[u])) highest = row[u];
      out[t] = highest;
    }
  }
}

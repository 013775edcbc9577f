import { groupBy, groupByCategoryAndLocation, totalGroups, type GroupTotals } from '../series/groups.ts';
import type { Covariate, Panel } from '../series/panel.ts';
import type { CalendarTable } from './calendar.ts';
import { loadCovariate, newCovariateSums, type CovariateSums } from './covariates.ts';
import { runningTotals, type RunningTotals } from './running-totals.ts';
import { groupPlans, type GroupPlans } from './group-plans.ts';
import type { PlanSource } from './plan-source.ts';
import { DemandResponse } from './response.ts';
import { isResponseKind, loadResponse, newResponseHistory, type ResponseHistory } from './response-history.ts';
import type { Feature } from './spec.ts';

/** Everything features are computed from: the panel, its calendar and the totals of its groups. */
export interface FeatureSource extends PlanSource {
  readonly calendar: CalendarTable;
  readonly byProduct: RunningTotals;
  readonly byShelf: GroupTotals;
  readonly byLocation: GroupTotals;
  /** Learned when a feature first asks for it. */
  readonly response: () => DemandResponse;
  readonly plansOf: (group: 'product' | 'shelf') => GroupPlans;
}

/** Gathers what the features of a panel need. A shelf is one category at one location. */
export function featureSource(
  panel: Panel,
  observed: Uint8Array,
  calendar: CalendarTable,
  future: { price: Float32Array | null; promotion: Float32Array | null; days: number } | null,
): FeatureSource {
  const plans = new Map<string, GroupPlans>();
  let response: DemandResponse | null = null;
  const source: FeatureSource = {
    panel,
    observed,
    calendar,
    byProduct: runningTotals(panel, observed, groupBy(panel.product)),
    byShelf: totalGroups(panel, observed, groupByCategoryAndLocation(panel)),
    byLocation: totalGroups(panel, observed, groupBy(panel.location)),
    futurePrice: future?.price ?? null,
    futurePromotion: future?.promotion ?? null,
    futurePeriods: future?.days ?? 0,
    response: () => (response ??= new DemandResponse(source)),
    plansOf: (group) => {
      const found = plans.get(group) ?? groupPlans(source, source.response(), group);
      plans.set(group, found);
      return found;
    },
  };
  return source;
}

/**
 * Running sums of one series. Entry `t` of an array tells about the periods BEFORE `t` only, so a feature that reads
 * entries up to its origin cannot see the origin itself or anything later. Doubles, so that differences of sums of whole
 * units are exact. One history is filled again and again; signals are filled only for features that read them.
 */
export interface SeriesHistory {
  readonly source: FeatureSource;
  series: number;
  /** Units of each period (not a running sum), NaN where not observed; `periodCount` entries. */
  readonly units: Float64Array;
  readonly sum: Float64Array;
  readonly count: Float64Array;
  readonly squares: Float64Array;
  /** Periods with a sale. */
  readonly sold: Float64Array;
  /** Observed periods without a sale since the last sale; NaN before the first observed one. */
  readonly zeroRun: Float64Array;
  /** One array per smoothing constant. */
  readonly ewma: ReadonlyMap<number, Float64Array>;
  readonly priceSum: Float64Array;
  readonly priceCount: Float64Array;
  readonly lastPrice: Float64Array;
  readonly promotionSum: Float64Array;
  /** Units and number of the observed periods with a promotion. */
  readonly promotedSum: Float64Array;
  readonly promotedCount: Float64Array;
  readonly covariates: ReadonlyMap<string, CovariateSums>;
  /** Null unless a feature reads it. */
  readonly response: ResponseHistory | null;
}

/** An empty history for some features. */
export function newHistory(source: FeatureSource, features: readonly Feature[]): SeriesHistory {
  const { panel } = source;
  const kinds = new Set(features.map(({ kind }) => kind));
  const array = (needed: boolean) => new Float64Array(needed ? panel.periodCount + 1 : 0);
  const price = panel.price !== null && features.some(({ kind }) => kind.startsWith('price'));
  const share = panel.promotion !== null && kinds.has('promotion_share');
  const promoted = panel.promotion !== null && kinds.has('promotion_state_mean');
  const alphas = features.flatMap((feature) => (feature.kind === 'ewma' ? [feature.alpha] : []));
  const named = new Map<string, Covariate>((panel.covariates ?? []).map((covariate) => [covariate.name, covariate]));
  const covariates = new Map<string, CovariateSums>();
  for (const feature of features) {
    const covariate = 'covariate' in feature ? named.get(feature.covariate) : undefined;
    if (covariate) covariates.set(covariate.name, newCovariateSums(covariate, panel.periodCount, features));
  }
  return {
    source,
    series: -1,
    units: new Float64Array(panel.periodCount),
    sum: array(true),
    count: array(true),
    squares: array(true),
    sold: array(true),
    zeroRun: array(true),
    ewma: new Map(alphas.map((alpha) => [alpha, array(true)])),
    priceSum: array(price),
    priceCount: array(price),
    lastPrice: array(price),
    promotionSum: array(share),
    promotedSum: array(promoted),
    promotedCount: array(promoted),
    covariates,
    response: features.some(({ kind }) => isResponseKind(kind))
      ? newResponseHistory(source.response(), panel.periodCount, features)
      : null,
  };
}

/** Fills the running sums for one series. */
export function loadSeries(history: SeriesHistory, series: number): void {
  history.series = series;
  loadUnits(history, series);
  for (const [alpha, out] of history.ewma) smooth(history.units, history.source.panel.firstPeriod[series], alpha, out);
  if (history.priceSum.length > 0) loadPrices(history, series);
  if (history.promotionSum.length > 0) loadPromotions(history, series);
  if (history.promotedSum.length > 0) loadPromoted(history, series);
  for (const sums of history.covariates.values()) loadCovariate(sums, series, history.units);
  if (history.response) loadResponse(history.response, series, history.units);
}

/** One pass for all that comes from sales alone: cheaper than a pass for each sum a feature may need. */
function loadUnits({ source, units, sum, count, squares, sold, zeroRun }: SeriesHistory, series: number): void {
  const { panel, observed } = source;
  const { periodCount, sales } = panel;
  const offset = series * periodCount;
  let total = 0;
  let seen = 0;
  let totalOfSquares = 0;
  let selling = 0;
  let run = NaN;
  // Nothing is observed before the first period: the long wait of a late series costs no pass.
  const first = Math.min(panel.firstPeriod[series], periodCount);
  units.fill(NaN, 0, first);
  for (const running of [sum, count, squares, sold]) running.fill(0, 0, first + 1);
  zeroRun.fill(NaN, 0, first + 1);
  for (let t = first; t < periodCount; t++) {
    if (observed[offset + t] === 1) {
      const value = sales[offset + t];
      if (value > 0) {
        total += value;
        totalOfSquares += value * value;
        selling++;
        run = 0;
      } else run = seen > 0 ? run + 1 : 1;
      seen++;
      units[t] = value;
    } else units[t] = NaN;
    sum[t + 1] = total;
    count[t + 1] = seen;
    squares[t + 1] = totalOfSquares;
    sold[t + 1] = selling;
    zeroRun[t + 1] = run;
  }
}

function smooth(units: Float64Array, first: number, alpha: number, out: Float64Array): void {
  let level = NaN;
  out.fill(NaN, 0, first + 1);
  for (let t = first; t < units.length; t++) {
    const value = units[t];
    if (value >= 0) level = level >= 0 ? level + alpha * (value - level) : value;
    out[t + 1] = level;
  }
}

function loadPrices({ source, priceSum, priceCount, lastPrice }: SeriesHistory, series: number): void {
  const { price, periodCount } = source.panel;
  if (price === null) return;
  const offset = series * periodCount;
  let total = 0;
  let known = 0;
  let last = NaN;
  lastPrice[0] = NaN;
  for (let t = 0; t < periodCount; t++) {
    const value = price[offset + t];
    if (value > 0) {
      total += value;
      known++;
      last = value;
    }
    priceSum[t + 1] = total;
    priceCount[t + 1] = known;
    lastPrice[t + 1] = last;
  }
}

function loadPromotions({ source, promotionSum }: SeriesHistory, series: number): void {
  const { promotion, periodCount } = source.panel;
  if (promotion === null) return;
  const offset = series * periodCount;
  let total = 0;
  for (let t = 0; t < periodCount; t++) {
    const value = promotion[offset + t];
    if (value > 0) total += value;
    promotionSum[t + 1] = total;
  }
}

function loadPromoted({ source, units, promotedSum, promotedCount }: SeriesHistory, series: number): void {
  const { promotion, periodCount } = source.panel;
  if (promotion === null) return;
  const offset = series * periodCount;
  let total = 0;
  let seen = 0;
  for (let t = 0; t < periodCount; t++) {
    const value = units[t];
    if (value >= 0 && promotion[offset + t] > 0) {
      total += value;
      seen++;
    }
    promotedSum[t + 1] = total;
    promotedCount[t + 1] = seen;
  }
}

import { aggregateSource } from '../aggregates/forecast.ts';
import { memberShares } from '../ensemble/combine.ts';
import { driverOf, DRIVERS, sharesBy } from '../explain/drivers.ts';
import { explainBooster } from '../explain/tree-shap.ts';
import { splitWeekly } from '../explain/weekly-split.ts';
import { InvalidInputError } from '../errors.ts';
import { buildCalendar } from '../features/calendar.ts';
import { computeFeatures, horizonRows } from '../features/rows.ts';
import { featureSchema } from '../features/schema.ts';
import { linkOf, type Booster, type FeatureColumns } from '../gbdt/index.ts';
import { AdditiveModel } from '../seasonal/additive.ts';
import { CALENDAR_PARTS, type CalendarPart } from '../seasonal/calendar-design.ts';
import { checkHorizon, checkPanel } from '../series/check.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { carriedFactor } from '../spikes/carry-over.ts';
import { checkPlan } from './forecast.ts';
import type { FittedForecaster } from './fitted.ts';
import { parseForecaster } from './model-text.ts';
import { forecastMembers, forecastSums, openOrigin, type MemberForecasts, type Origin } from './origin.ts';
import type { FuturePlan } from './types.ts';

/**
 * What a published forecast consists of, in a planner's words; `totals` is the adjustment to shelf and location totals,
 * `demand_spike` what is left of a spike. Explanations are stored in this order: a new driver goes last.
 */
export const FORECAST_DRIVERS = [
  'level',
  'trend',
  'weekday',
  'season',
  'price',
  'promotion',
  'holiday',
  'weather',
  'other_signals',
  'totals',
  'demand_spike',
] as const;
export type ForecastDriver = (typeof FORECAST_DRIVERS)[number];

/** Which forecasts to explain. */
export interface ExplanationRequest {
  /** Indices into the panel, one a row. */
  readonly seriesIndices: Int32Array;
  readonly horizon: number;
  /** The forecasts as they were published, units `[rows * horizon]`; the contributions add up to these. */
  readonly means: ArrayLike<number>;
  readonly future?: FuturePlan;
}

/** Forecasts taken apart. */
export interface ForecastExplanation {
  readonly seriesIndices: Int32Array;
  readonly horizon: number;
  /** Units `[rows * horizon * FORECAST_DRIVERS]`; those of a row's day add up to its published forecast. */
  readonly contributions: Float64Array;
}

/** Level and trend need a week to be told from the days of the week. */
const LEAST_DAYS = 7;

/** What the members' forecasts are gathered under before level, trend and weekday are told apart. */
const GATHERED = [...DRIVERS, 'year_ago'] as const;
type Gathered = (typeof GATHERED)[number];
/** Groups that carry the level of the sales, whatever else they tell: a mean of Mondays is most of all a mean. */
const CARRIERS = new Set<Gathered>(['level', 'product_and_place', 'weekday']);

/**
 * Takes published forecasts apart into what drives them, in units that add up.
 *
 * - A boosted member is explained by exact tree Shapley values, summed by driver and turned into units ({@link driverShares}).
 *   Features that carry the level of the sales, such as the mean of the last Mondays, count as level, trend and weekday by
 *   what their contribution is over the days forecast: the mean of the first week is level, the change of a week's mean is
 *   trend, the day's distance from it is the weekday's. Means of a year ago tell level and season likewise.
 * - Members of one series are split the same way; the additive one has a yearly and a holiday part of its own.
 * - Members count by the weights of the series' segment.
 * - What the alignment to the totals of shelf and location added or took is `totals`, but for the part that comes of the
 *   events of the days forecast, which is `holiday`: it is found by forecasting the totals once more without these events.
 *
 * @param panel the history as the forecast saw it; where it differs, what that changes ends up in `totals`
 * @throws CorruptModelError, InvalidInputError naming the argument
 */
export function explainForecast(
  modelText: string,
  panel: Panel,
  events: readonly CalendarEvent[],
  { seriesIndices, horizon, means, future }: ExplanationRequest,
): ForecastExplanation {
  checkPanel(panel);
  checkHorizon(horizon);
  checkPlan(panel, future, horizon);
  if ((panel.frequency ?? 'daily') !== 'daily') throw new InvalidInputError('frequency must be daily to be explained');
  const outside = seriesIndices.find((series) => series < 0 || series >= panel.seriesCount);
  if (outside !== undefined) throw new InvalidInputError(`seriesIndices holds ${outside}, which the panel does not`);
  if (means.length !== seriesIndices.length * horizon)
    throw new InvalidInputError(`means has ${means.length} entries, expected ${seriesIndices.length * horizon}`);
  const forecaster = parseForecaster(modelText);
  const { vocabulary } = forecaster.fitted;
  const origin = openOrigin(panel, events, vocabulary, future ?? null, horizon);
  const days = Math.max(LEAST_DAYS, horizon);
  const members = forecastMembers(origin, forecaster.fitted, days, seriesIndices);
  const gathered = gatherMembers(origin, forecaster, members, seriesIndices, days);
  const ratio = eventRatio(origin, forecaster, seriesIndices, horizon);
  const width = FORECAST_DRIVERS.length;
  const contributions = new Float64Array(means.length * width);
  for (let row = 0; row < seriesIndices.length; row++) {
    const parts = planners(gathered, row, days);
    for (let h = 0; h < horizon; h++) {
      const day = row * horizon + h;
      const out = contributions.subarray(day * width, (day + 1) * width);
      let combined = 0;
      FORECAST_DRIVERS.forEach((driver, d) => {
        out[d] = parts[driver]?.[h] ?? 0;
        combined += out[d];
      });
      const factor = origin.excess === null ? 1 : carriedFactor(origin.excess[seriesIndices[row]], h);
      const published = means[day] / factor;
      // Without the events the totals, and with them the forecast, would be so many times as large.
      const byEvents = ratio[day] > 0 ? published - published / ratio[day] : published - combined;
      out[FORECAST_DRIVERS.indexOf('holiday')] += byEvents;
      out[FORECAST_DRIVERS.indexOf('totals')] += published - combined - byEvents;
      out[FORECAST_DRIVERS.indexOf('demand_spike')] += means[day] - published;
    }
  }
  return { seriesIndices, horizon, contributions };
}

/** Units by group, each `[rows * days]`. */
type GatheredUnits = Readonly<Record<Gathered, Float64Array>>;

/** The members' forecasts by group, each member by its weight. */
function gatherMembers(
  origin: Origin,
  { fitted, lessons }: FittedForecaster,
  { names, means }: MemberForecasts,
  series: Int32Array,
  days: number,
): GatheredUnits {
  const { panel, observed, calendar, segmentOf } = origin;
  const units = emptyUnits(series.length * days);
  const shares = lessons.weights.map((segment) => memberShares(names, segment));
  const boosted = explainBoosted(origin, fitted, series, days);
  const additive = names.includes('additive') ? new AdditiveModel(panel, observed, calendar, days) : null;
  series.forEach((s, row) => {
    names.forEach((name, m) => {
      const share = shares[segmentOf[s]][m];
      if (share === 0) return;
      const parts: Partial<GatheredUnits> = name === 'additive' && additive ? additiveParts(additive, s) : {};
      const from = boosted.get(name);
      for (let h = 0; h < days; h++) {
        const at = row * days + h;
        let explained = 0;
        for (const group of GATHERED) {
          const part = from ? from[group][at] : (parts[group]?.[h] ?? 0);
          units[group][at] += share * part;
          explained += part;
        }
        // All of a member that says no more, and what rounding and ended series leave of the others.
        units.level[at] += share * (means[m][at] - explained);
      }
    });
  });
  return units;
}

const ADDITIVE_GROUPS: Readonly<Record<CalendarPart, Gathered>> = {
  trend: 'level',
  weekly: 'weekday',
  yearly: 'season',
  holiday: 'holiday',
};

function additiveParts(model: AdditiveModel, series: number): Partial<GatheredUnits> {
  const { parts } = model.forecast(series);
  return Object.fromEntries(CALENDAR_PARTS.map((part, p) => [ADDITIVE_GROUPS[part], Float64Array.from(parts[p])]));
}

function groupOf(featureName: string): Gathered {
  return featureName.startsWith('year_ago_') ? 'year_ago' : driverOf(featureName);
}

/** The boosted members by name, in units by group. */
function explainBoosted(
  { source, panel }: Origin,
  { boosters, logBoosters, availability }: FittedForecaster['fitted'],
  series: Int32Array,
  days: number,
): ReadonlyMap<string, GatheredUnits> {
  if (boosters.length === 0) return new Map();
  const data = computeFeatures(source, featureSchema(availability), horizonRows(series, panel.periodCount, days));
  return new Map([
    ['boosted', meanShares(boosters, data)],
    ...(logBoosters.length > 0 ? [['boosted_log', meanOfLogs(logBoosters, data)] as const] : []),
  ]);
}

/** Boosters of the mean: the mean of their forecasts, each taken apart on its own scale. */
function meanShares(boosters: readonly Booster[], data: FeatureColumns): GatheredUnits {
  const out = emptyUnits(data.rowCount);
  const weight = 1 / boosters.length;
  for (const booster of boosters)
    sharesBy(explainBooster(booster, data), linkOf(booster.params.loss), GATHERED, groupOf).forEach((shares, row) => {
      for (const group of GATHERED) out[group][row] += weight * shares.drivers[group];
      out.level[row] += weight * shares.base;
    });
  return out;
}

/** Boosters of log(1 + units): a mean of logarithms, whose parts move what is above the one unit. */
function meanOfLogs(boosters: readonly Booster[], data: FeatureColumns): GatheredUnits {
  const explained = boosters.map((booster) => explainBooster(booster, data));
  const [{ names, rowCount }] = explained;
  const mean = {
    names,
    rowCount,
    baseValue: explained.reduce((sum, { baseValue }) => sum + baseValue, 0) / boosters.length,
    values: explained[0].values.map(
      (_, i) => explained.reduce((sum, { values }) => sum + values[i], 0) / boosters.length,
    ),
  };
  const out = emptyUnits(rowCount);
  sharesBy(mean, 'log', GATHERED, groupOf).forEach(({ base, drivers }, row) => {
    for (const group of GATHERED) out[group][row] += drivers[group];
    out.level[row] += base - 1;
  });
  return out;
}

function emptyUnits(rows: number): GatheredUnits {
  return Object.fromEntries(GATHERED.map((group) => [group, new Float64Array(rows)])) as Record<Gathered, Float64Array>;
}

/** The state of knowledge without the events of the days to come, as far as totals are forecast from it. */
function withoutComingEvents(origin: Origin, vocabulary: readonly string[]): Origin {
  const { panel, levels } = origin;
  const past = origin.aggregates.events.filter(({ day }) => day < panel.startPeriod + panel.periodCount);
  const calendar = buildCalendar(panel.startPeriod, origin.calendar.periodCount, past, vocabulary);
  const totals = levels.map((level) => level.totals);
  return { ...origin, calendar, aggregates: aggregateSource(panel, calendar, past, totals) };
}

/** A row's parts in a planner's words. */
function planners(units: GatheredUnits, row: number, days: number): Partial<Record<ForecastDriver, Float64Array>> {
  const of = (group: Gathered) => units[group].subarray(row * days, (row + 1) * days);
  const carried = new Float64Array(days);
  for (const group of CARRIERS) of(group).forEach((value, h) => (carried[h] += value));
  const { level, trend, weekday } = splitWeekly(carried);
  const yearAgo = splitWeekly(of('year_ago'));
  const plus = (a: Float64Array, b: Float64Array) => a.map((value, h) => value + b[h]);
  return {
    level: plus(level, yearAgo.level),
    trend: plus(trend, of('trend')),
    weekday,
    season: plus(of('season'), plus(yearAgo.trend, yearAgo.weekday)),
    price: of('price'),
    promotion: of('promotion'),
    holiday: of('holiday'),
    weather: of('weather'),
    other_signals: of('other_signals'),
  };
}

/**
 * How many times as large the events of the days forecast make the totals that a series is aligned to, `[rows * horizon]`:
 * the product over shelf and location, each as far as it is followed; 0 where an event closes the place.
 */
function eventRatio(origin: Origin, { fitted, lessons }: FittedForecaster, series: Int32Array, horizon: number) {
  const ratio = new Float64Array(series.length * horizon).fill(1);
  const plain = forecastSums(withoutComingEvents(origin, fitted.vocabulary), fitted, horizon);
  const sums = forecastSums(origin, fitted, horizon);
  origin.levels.forEach(({ name, totals }, level) => {
    const exponent = lessons.exponents[name];
    if (exponent === 0) return;
    series.forEach((s, row) => {
      for (let h = 0; h < horizon; h++) {
        const at = totals.groups.groupOf[s] * horizon + h;
        const [withEvents, other] = [sums[level][at], plain[level][at]];
        if (withEvents === 0 && other > 0) ratio[row * horizon + h] = 0;
        else if (withEvents > 0 && other > 0) ratio[row * horizon + h] *= (withEvents / other) ** exponent;
      }
    });
  });
  return ratio;
}

import type { CalendarTable } from '../features/calendar.ts';
import type { Booster } from '../gbdt/index.ts';
import { TRAITS, type Frequency } from '../series/frequency.ts';
import type { GroupTotals } from '../series/groups.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { fitTotals, predictTotals } from './boosting.ts';
import { buildDesign } from './design.ts';
import { closedAhead, groupSeriesOf, type GroupSeries } from './group-series.ts';
import { fitRegressions, type RegressionSettings } from './regression.ts';

/** Totals of several groupings of one panel, the finer ones first, with everything known on its last period. */
export interface AggregateSource {
  readonly panel: Panel;
  readonly calendar: CalendarTable;
  readonly events: readonly CalendarEvent[];
  readonly levels: readonly (readonly GroupSeries[])[];
}

/** Forecasts of one grouping's totals. */
export interface TotalsForecast {
  /** Units `[groups * horizon]`: 0 where the group will be closed, NaN where its history says too little. */
  readonly units: Float32Array;
}

/** Fits of the regression are weighed by age as this many days; the level follows the errors of the last days. */
const HALF_LIFE_DAYS = { fit: 600, level: 10 };
const VARIANCE_DAYS = 112;
const WINDOW_DAYS = 1400;
/** Periods of history below which totals are not forecast. */
const FEWEST_PERIODS: Readonly<Record<Frequency, number>> = { hourly: 336, daily: 90, weekly: 26, monthly: 24 };
/** Mean units per period below which a total tells no more than its items. */
const FEWEST_UNITS = 3;
/** Standard errors by which the effect of an event must differ from nothing. */
const NOTICEABLE = 3;
/** Rows of the boosted model, in all and per group. */
const ROWS = { all: 72_000, perGroup: 3000 };
const { exp, log, log1p, max, sqrt, floor } = Math;

/** Gathers the totals of groupings, finer ones first. */
export function aggregateSource(
  panel: Panel,
  calendar: CalendarTable,
  events: readonly CalendarEvent[],
  totals: readonly GroupTotals[],
): AggregateSource {
  return { panel, calendar, events, levels: totals.map((level) => groupSeriesOf(panel, level)) };
}

/** Boosted model of all totals; empty where the history is too short or no tree is wanted. */
export function fitAggregates(
  source: AggregateSource,
  { horizon, seed, trees, threads }: { horizon: number; seed: number; trees: number; threads: number },
): Booster[] {
  const groups = source.levels.flat();
  if (groups.length === 0 || trees === 0) return [];
  const frequency = source.panel.frequency ?? 'daily';
  return fitTotals(groups, source.calendar, {
    frequency,
    horizon,
    window: periodsOf(source.panel, WINDOW_DAYS),
    rowsPerGroup: Math.min(ROWS.perGroup, max(50, floor(ROWS.all / groups.length))),
    trees,
    threads,
    seeds: [seed, seed + 1],
  });
}

/**
 * Forecasts the totals of every level: geometric mean of a ridge regression on the calendar, refitted on each history,
 * and of the boosted model. Both know weekdays, seasons, events and planned signals; smoothing does not, and aligning
 * to it makes forecasts of items worse.
 */
export function forecastAggregates(
  source: AggregateSource,
  boosters: readonly Booster[],
  horizon: number,
): TotalsForecast[] {
  const { panel, calendar, levels, events } = source;
  const frequency = panel.frequency ?? 'daily';
  const regressions = regressLevels(source, horizon);
  const boosted = boosters.length > 0 ? predictTotals(boosters, levels.flat(), calendar, { frequency, horizon }) : null;
  let row = 0;
  return levels.map((groups, level) => {
    const units = new Float32Array(groups.length * horizon);
    groups.forEach((group, g) => {
      const closed = closedAhead(group, frequency, panel.startPeriod, events, horizon);
      for (let h = 0; h < horizon; h++) {
        const regression = regressions[level][g * horizon + h];
        const other = boosted === null ? NaN : boosted[(row + g) * horizon + h];
        units[g * horizon + h] = closed[h] === 1 ? 0 : meanOfBoth(regression, other);
      }
    });
    row += groups.length;
    return { units };
  });
}

/** Geometric mean, kept above 0, which means closed; NaN where the regression is missing. */
function meanOfBoth(regression: number, boosted: number): number {
  if (Number.isNaN(regression)) return NaN;
  const kept = max(regression, 1e-3);
  return boosted > 0 ? sqrt(kept * max(boosted, 1e-3)) : kept;
}

function periodsOf(panel: Panel, days: number): number {
  return max(1, Math.round((days * TRAITS[panel.frequency ?? 'daily'].year) / 365));
}

/** Settings of the regressions, lengths in periods of the panel. */
function regressionSettings(panel: Panel): RegressionSettings {
  return {
    fitHalfLife: periodsOf(panel, HALF_LIFE_DAYS.fit),
    levelHalfLife: max(2, periodsOf(panel, HALF_LIFE_DAYS.level)),
    variancePeriods: max(12, periodsOf(panel, VARIANCE_DAYS)),
  };
}

/** Groups with a history that carries a regression on the calendar, and their place among all. */
function usableGroups(panel: Panel, groups: readonly GroupSeries[], from: number) {
  const fewest = FEWEST_PERIODS[panel.frequency ?? 'daily'];
  return groups
    .map((group, g) => ({ group, g }))
    .filter(({ group }) => countUsed(group, from) >= fewest && meanUnits(group, from) >= FEWEST_UNITS);
}

/**
 * Names of the events that move sales: those whose effect on the sum of everything, on the day itself or beside it,
 * stands out of the noise. A calendar full of days that nobody shops for hides the few that matter: the nearest event
 * of a day should be one of these. All names where the history is too short to tell.
 * @param totals totals of everything, one group
 */
export function influentialEvents(panel: Panel, events: readonly CalendarEvent[], totals: GroupTotals): string[] {
  const frequency = panel.frequency ?? 'daily';
  const end = panel.periodCount;
  const from = max(0, end - periodsOf(panel, WINDOW_DAYS));
  const names = [...new Set(events.map(({ name }) => name))].sort();
  const [everything] = usableGroups(panel, groupSeriesOf(panel, totals), from);
  if (everything === undefined || end - from < 2 * TRAITS[frequency].year) return names;
  const { signals, use, units } = everything.group;
  const design = buildDesign({ frequency, startPeriod: panel.startPeriod, from, end, horizon: 0, events, signals });
  const target = { log: units.slice(from).map(log1p), use: use.subarray(from), prior: null };
  const [{ coefficients, fitted }] = fitRegressions(design, [target], regressionSettings(panel));
  let squares = 0;
  let count = 0;
  target.log.forEach((value, r) => {
    if (target.use[r] === 0) return;
    squares += (value - fitted[r]) ** 2;
    count++;
  });
  const noise = sqrt(squares / max(1, count));
  const moving = new Set(
    design.holidays
      .filter(
        ({ distance, column, occurrences }) =>
          Math.abs(distance) <= 1 && Math.abs(coefficients[column]) > (NOTICEABLE * noise) / sqrt(occurrences),
      )
      .map(({ event }) => event),
  );
  return names.filter((name) => moving.has(name));
}

/** Units `[groups * horizon]` per level. The coarsest level is fitted first: its holidays guide those of the finer. */
function regressLevels({ panel, events, levels }: AggregateSource, horizon: number): Float64Array[] {
  const frequency = panel.frequency ?? 'daily';
  const end = panel.periodCount;
  const from = max(0, end - periodsOf(panel, WINDOW_DAYS));
  const settings = regressionSettings(panel);
  const out = levels.map((groups) => new Float64Array(groups.length * horizon).fill(NaN));
  const priors = new Map<string, Float64Array>();
  for (let level = levels.length - 1; level >= 0; level--) {
    const usable = usableGroups(panel, levels[level], from);
    for (const bucket of bySignals(usable)) {
      const { signals, signalKey } = bucket[0].group;
      const design = buildDesign({
        frequency,
        startPeriod: panel.startPeriod,
        from,
        end,
        horizon,
        events,
        signals,
      });
      const parentOf = (group: GroupSeries) =>
        level === levels.length - 1 ? null : (priors.get(`${level + 1} ${group.location} ${signalKey}`) ?? null);
      const fits = fitRegressions(
        design,
        bucket.map(({ group }) => ({
          log: group.units.slice(from).map(log1p),
          use: group.use.subarray(from),
          prior: parentOf(group),
        })),
        settings,
      );
      fits.forEach(({ coefficients, fitted, shift, halfVariance }, i) => {
        const { g, group } = bucket[i];
        priors.set(`${level} ${group.location} ${signalKey}`, coefficients);
        const ceiling = log(4 * max(1, largest(group.units, from)) + 1);
        for (let h = 0; h < horizon; h++) {
          const score = Math.min(ceiling, fitted[end - from + h] + shift + halfVariance);
          out[level][g * horizon + h] = max(0, exp(score) - 1);
        }
      });
    }
  }
  return out;
}

function bySignals<T extends { readonly group: GroupSeries }>(items: readonly T[]): T[][] {
  const buckets = new Map<string, T[]>();
  for (const item of items) {
    const bucket = buckets.get(item.group.signalKey);
    if (bucket === undefined) buckets.set(item.group.signalKey, [item]);
    else bucket.push(item);
  }
  return [...buckets.values()];
}

function countUsed({ use }: GroupSeries, from: number): number {
  let count = 0;
  for (let t = from; t < use.length; t++) count += use[t];
  return count;
}

function meanUnits({ units, first }: GroupSeries, from: number): number {
  const start = max(from, first);
  let sum = 0;
  for (let t = start; t < units.length; t++) sum += units[t];
  return start < units.length ? sum / (units.length - start) : 0;
}

function largest(units: Float64Array, from: number): number {
  let most = 0;
  for (let t = from; t < units.length; t++) if (units[t] > most) most = units[t];
  return most;
}

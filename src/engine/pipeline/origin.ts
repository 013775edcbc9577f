import { aggregateSource, forecastAggregates, type AggregateSource } from '../aggregates/forecast.ts';
import { unconstrainDemand } from '../censoring/unconstrain.ts';
import { predictBoosted } from '../ensemble/boosted.ts';
import { forecastColdStart } from '../ensemble/cold-start.ts';
import { forecastLocalMembers } from '../ensemble/members.ts';
import { segmentOfSeries, sufficiencyOf } from '../ensemble/segments.ts';
import { buildCalendar, type CalendarTable } from '../features/calendar.ts';
import { featureSource, type FeatureSource } from '../features/history.ts';
import { featureSchema } from '../features/schema.ts';
import { historicDispersion } from '../intervals/dispersion.ts';
import { lastPeriodOf, observedDays } from '../series/availability.ts';
import { MAX_HORIZON } from '../series/check.ts';
import type { GroupTotals } from '../series/groups.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { carrySpikes } from '../spikes/carry-over.ts';
import type { FittedBoosters } from './fitted.ts';
import type { FuturePlan } from './types.ts';

/** Everything known just after a panel's end: nothing here can have seen a later sale. */
export interface Origin {
  /** The history, with the demand expected where sales were cut, and the usual in place of a spike at its end. */
  readonly panel: Panel;
  /** Per series: what that spike leaves to be added, see `carriedFactor`; null without one. */
  readonly excess: Float64Array | null;
  readonly observed: Uint8Array;
  readonly calendar: CalendarTable;
  readonly source: FeatureSource;
  /** Totals of shelves and locations; a grouping that says nothing of its own is missing. */
  readonly aggregates: AggregateSource;
  readonly levels: readonly AlignedLevel[];
  readonly sufficiency: Uint8Array;
  readonly segmentOf: Uint8Array;
  readonly dispersion: Float32Array;
}

/** A grouping to whose totals forecasts are aligned. */
export interface AlignedLevel {
  readonly name: 'shelf' | 'location';
  readonly totals: GroupTotals;
}

/** Means of all members at an origin, each `[rows * horizon]`. */
export interface MemberForecasts {
  readonly names: readonly string[];
  readonly means: readonly Float32Array[];
  /** Per row: weight of the series' own history in its cold start. */
  readonly ownWeight: Float32Array;
}

/** Periods the calendar reaches past the panel: the horizon and the period after it, whose event is a feature. */
const CALENDAR_REACH = MAX_HORIZON + 2;

/**
 * Prepares a panel for fitting or forecasting at its end. Sales that empty shelves cut are replaced by the demand expected,
 * a spike at the end by the usual: the ensemble adds what is left of it.
 * @param plan values of the `horizon` periods to come
 */
export function openOrigin(
  given: Panel,
  events: readonly CalendarEvent[],
  vocabulary: readonly string[],
  plan: FuturePlan | null,
  horizon: number,
): Origin {
  const demand = unconstrainDemand(given);
  const observed = observedDays(demand);
  const isEvent = (period: number) => events.some(({ day }) => day === demand.startPeriod + period);
  const spikes = carrySpikes({ panel: demand, observed, isEvent });
  const panel = spikes?.panel ?? demand;
  const frequency = panel.frequency ?? 'daily';
  const calendar = buildCalendar(panel.startPeriod, panel.periodCount + CALENDAR_REACH, events, vocabulary, frequency);
  const future = plan && { price: plan.price ?? null, promotion: plan.promotion ?? null, days: horizon };
  const sufficiency = sufficiencyOf(panel, observed);
  const source = featureSource(panel, observed, calendar, future);
  const levels = alignedLevels(panel, source);
  return {
    panel,
    excess: spikes?.excess ?? null,
    observed,
    calendar,
    source,
    levels,
    aggregates: aggregateSource(
      panel,
      calendar,
      events,
      levels.map(({ totals }) => totals),
    ),
    sufficiency,
    segmentOf: segmentOfSeries(panel, observed, sufficiency),
    dispersion: historicDispersion(panel, observed),
  };
}

/** Shelves where they are more than one series and not the whole location; locations where they are more than one series. */
function alignedLevels(panel: Panel, { byShelf, byLocation }: FeatureSource): AlignedLevel[] {
  const levels: AlignedLevel[] = [];
  const shelves = byShelf.groups.count;
  const locations = byLocation.groups.count;
  if (shelves > locations && shelves < panel.seriesCount) levels.push({ name: 'shelf', totals: byShelf });
  if (locations < panel.seriesCount) levels.push({ name: 'location', totals: byLocation });
  return levels;
}

/** Forecasts of the totals of each aligned level at an origin, units `[groups * horizon]`. */
export function forecastSums(origin: Origin, fitted: FittedBoosters, horizon: number): Float32Array[] {
  return forecastAggregates(origin.aggregates, fitted.aggregateBoosters, horizon).map(({ units }) => units);
}

/**
 * Forecasts of every member, of all series or of some; those of a series do not depend on who else is asked for. Ended
 * series forecast nothing.
 * @param series rows of the result, indices into the panel; all in their order if absent
 */
export function forecastMembers(
  origin: Origin,
  fitted: FittedBoosters,
  horizon: number,
  series: Int32Array = Int32Array.from({ length: origin.panel.seriesCount }, (_, s) => s),
): MemberForecasts {
  const { panel, observed, calendar, source } = origin;
  const local = forecastLocalMembers(panel, observed, calendar, series, horizon);
  const names: string[] = [...local.names, 'cold_start'];
  const coldStart = forecastColdStart(panel, observed, series, horizon);
  const means = [...local.means, coldStart.mean];
  if (fitted.boosters.length > 0) {
    names.push('boosted');
    const { mean, fromLogs } = predictBoosted(fitted, source, featureSchema(fitted.availability), series, horizon);
    means.push(mean);
    if (fromLogs !== null) {
      names.push('boosted_log');
      means.push(fromLogs);
    }
  }
  series.forEach((s, row) => {
    if (lastPeriodOf(panel, s) < panel.periodCount - 1)
      for (const mean of means) mean.fill(0, row * horizon, (row + 1) * horizon);
  });
  return { names, means, ownWeight: coldStart.ownWeight };
}

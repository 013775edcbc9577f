import { alignToTotals } from '../ensemble/align.ts';
import { predictBoosted } from '../ensemble/boosted.ts';
import { forecastColdStart } from '../ensemble/cold-start.ts';
import { forecastSimpleMembers, SIMPLE_MEMBERS } from '../ensemble/members.ts';
import { segmentOfSeries, sufficiencyOf } from '../ensemble/segments.ts';
import { buildCalendar, type CalendarTable } from '../features/calendar.ts';
import { featureSource, type FeatureSource } from '../features/history.ts';
import { featureSchema } from '../features/schema.ts';
import { historicDispersion } from '../intervals/dispersion.ts';
import { forecastGroupTotals } from '../seasonal/calendar-regression.ts';
import { lastPeriodOf, observedDays } from '../series/availability.ts';
import { MAX_HORIZON } from '../series/check.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import type { AlignmentExponents, FittedBoosters } from './fitted.ts';
import type { FuturePlan } from './types.ts';

/** Everything known on the day after a panel's end: nothing here can have seen a later sale. */
export interface Origin {
  readonly panel: Panel;
  readonly observed: Uint8Array;
  readonly calendar: CalendarTable;
  readonly source: FeatureSource;
  readonly sufficiency: Uint8Array;
  readonly segmentOf: Uint8Array;
  readonly dispersion: Float32Array;
}

/** Means of all members at an origin, each `[seriesCount * horizon]`. */
export interface MemberForecasts {
  readonly names: readonly string[];
  readonly means: readonly Float32Array[];
}

/** Days the calendar reaches past the panel: the horizon and the day after it, whose event is a feature. */
const CALENDAR_REACH = MAX_HORIZON + 2;

/** Prepares a panel for fitting or forecasting at its end. @param plan values of the `horizon` days to come */
export function openOrigin(
  panel: Panel,
  events: readonly CalendarEvent[],
  vocabulary: readonly string[],
  plan: FuturePlan | null,
  horizon: number,
): Origin {
  const observed = observedDays(panel);
  const calendar = buildCalendar(panel.startPeriod, panel.periodCount + CALENDAR_REACH, events, vocabulary);
  const future = plan && { price: plan.price ?? null, promotion: plan.promotion ?? null, days: horizon };
  const sufficiency = sufficiencyOf(panel, observed);
  return {
    panel,
    observed,
    calendar,
    source: featureSource(panel, observed, calendar, future),
    sufficiency,
    segmentOf: segmentOfSeries(panel, observed, sufficiency),
    dispersion: historicDispersion(panel, observed),
  };
}

/** Calendar forecasts of the daily sums of shelves and locations at an origin. */
export interface SumForecasts {
  readonly shelf: Float32Array;
  readonly location: Float32Array;
}

export function forecastSums(origin: Origin, horizon: number): SumForecasts {
  const { source, calendar, panel } = origin;
  return {
    shelf: forecastGroupTotals(source.byShelf, calendar, panel.startPeriod, horizon),
    location: forecastGroupTotals(source.byLocation, calendar, panel.startPeriod, horizon),
  };
}

/** Adds the boosted forecast scaled towards the forecasts of the sums to the members, if there is a boosted one. */
export function alignedMembers(
  origin: Origin,
  members: MemberForecasts,
  horizon: number,
  sums: SumForecasts,
  exponents: AlignmentExponents,
): MemberForecasts {
  const boosted = members.names.indexOf('boosted');
  if (boosted < 0) return members;
  const { byShelf, byLocation } = origin.source;
  const aligned = alignToTotals(members.means[boosted], horizon, [
    { groups: byShelf.groups, totals: sums.shelf, exponent: exponents.shelf },
    { groups: byLocation.groups, totals: sums.location, exponent: exponents.location },
  ]);
  return { names: [...members.names, 'boosted_aligned'], means: [...members.means, aligned] };
}

/** Forecasts of every member but the aligned one, for all series. Ended series forecast nothing. */
export function forecastMembers(origin: Origin, fitted: FittedBoosters, horizon: number): MemberForecasts {
  const { panel, observed, calendar, source } = origin;
  const all = Int32Array.from({ length: panel.seriesCount }, (_, s) => s);
  const names: string[] = [...SIMPLE_MEMBERS, 'cold_start'];
  const means = [
    ...forecastSimpleMembers(panel, observed, calendar, all, horizon),
    forecastColdStart(panel, observed, all, horizon),
  ];
  if (fitted.boosters.length > 0) {
    names.push('boosted');
    means.push(predictBoosted(fitted.boosters, source, featureSchema(fitted.availability), all, horizon));
  }
  for (let s = 0; s < panel.seriesCount; s++)
    if (lastPeriodOf(panel, s) < panel.periodCount - 1)
      for (const mean of means) mean.fill(0, s * horizon, (s + 1) * horizon);
  return { names, means };
}

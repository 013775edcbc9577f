import type { CalendarTable } from '../features/calendar.ts';
import type { GroupTotals } from '../series/groups.ts';
import { buildCalendarDesign } from './calendar-design.ts';
import { SharedRidge } from './ridge.ts';

const LONGEST_HISTORY = 1400;
const FEWEST_DAYS = 120;
const DAYS_FOR_YEARLY = 540;
const FIT_HALF_LIFE = 600;
const LEVEL_HALF_LIFE = 14;
/** Days of residuals whose variance corrects for the logarithm. */
const VARIANCE_DAYS = 112;
/** A day without sales of a group that sells at least so many on the same weekday was a closed day. */
const CLOSED_DAY_UNITS = 5;

/**
 * Forecasts daily totals of groups by ridge regression of log(units + 1) on weekday, day of the month, season, events
 * and a bending trend whose end is frozen; the latest errors shift the level. Days a group was closed are left out.
 * Source of the form: calendar-aware aggregate models beat smoothing for correcting sums of item forecasts.
 * @returns `[groups * horizon]` units, NaN for groups with too short a history
 */
export function forecastGroupTotals(
  totals: GroupTotals,
  calendar: CalendarTable,
  startPeriod: number,
  horizon: number,
): Float32Array {
  const end = totals.periodCount;
  const from = Math.max(0, end - LONGEST_HISTORY);
  const days = end - from;
  const out = new Float32Array(totals.groups.count * horizon).fill(NaN);
  if (days < FEWEST_DAYS) return out;
  const design = buildCalendarDesign(calendar, startPeriod, {
    from,
    end,
    horizon,
    bendEvery: 90,
    fourierOrder: days >= DAYS_FOR_YEARLY ? 3 : 0,
    monthBands: true,
    eventReach: { before: 4, after: 2 },
  });
  const decay = (halfLife: number) => Float64Array.from({ length: days }, (_, r) => 0.5 ** ((days - 1 - r) / halfLife));
  const ridge = new SharedRidge(design, decay(FIT_HALF_LIFE));
  const levelWeights = decay(LEVEL_HALF_LIFE);
  for (let g = 0; g < totals.groups.count; g++) {
    const daily = totals.daily.subarray(g * end + from, g * end + end);
    const use = daysOpen(daily, calendar.weekday.subarray(from, end));
    if (use.reduce((sum, flag) => sum + flag, 0) < FEWEST_DAYS) continue;
    const logs = Float64Array.from(daily, Math.log1p);
    const coefficients = ridge.fit(logs, use);
    const fittedAt = (row: number) => {
      let sum = 0;
      for (let i = design.rowStart[row]; i < design.rowStart[row + 1]; i++)
        sum += coefficients[design.column[i]] * design.value[i];
      return sum;
    };
    let miss = 0;
    let weight = 0;
    let squares = 0;
    let recent = 0;
    for (let r = 0; r < days; r++) {
      if (use[r] === 0) continue;
      const residual = logs[r] - fittedAt(r);
      miss += levelWeights[r] * residual;
      weight += levelWeights[r];
      if (r >= days - VARIANCE_DAYS) {
        squares += residual * residual;
        recent++;
      }
    }
    const shift = (weight > 0 ? miss / weight : 0) + (recent > 0 ? Math.min(1, squares / recent) / 2 : 0);
    for (let h = 0; h < horizon; h++) out[g * horizon + h] = Math.max(0, Math.expm1(fittedAt(days + h) + shift));
  }
  return out;
}

/** 1 for the days from the first sale on, without those on which the group seems to have been closed. */
function daysOpen(daily: Float64Array, weekday: Uint8Array): Uint8Array {
  const units = new Float64Array(7);
  const count = new Float64Array(7);
  const first = Math.max(
    0,
    daily.findIndex((value) => value > 0),
  );
  for (let r = first; r < daily.length; r++) {
    units[weekday[r]] += daily[r];
    count[weekday[r]]++;
  }
  return Uint8Array.from(daily, (value, r) => {
    if (r < first) return 0;
    return value > 0 || units[weekday[r]] / count[weekday[r]] < CLOSED_DAY_UNITS ? 1 : 0;
  });
}

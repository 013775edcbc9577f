import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { buildCalendar, eventVocabulary } from '../features/calendar.ts';
import { observedDays } from '../series/availability.ts';
import { groupBy, totalGroups } from '../series/groups.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { aggregateSource, forecastAggregates } from './forecast.ts';

/** Totals of the locations forecast by the regression alone. */
function regressionOf(panel: Panel, events: readonly CalendarEvent[], horizon: number): Float32Array {
  const calendar = buildCalendar(panel.startPeriod, panel.periodCount + horizon + 2, events, eventVocabulary(events));
  const totals = totalGroups(panel, observedDays(panel), groupBy(panel.location));
  return forecastAggregates(aggregateSource(panel, calendar, events, [totals]), [], horizon)[0].units;
}

describe('totals by calendar regression', () => {
  it('forecasts weekdays of a sum within a few percent and the greater part of an event', () => {
    const mean = (_p: number, _l: number, d: number) => ((d + 6) % 7 >= 5 ? 8 : 4) * (d % 100 === 30 ? 3 : 1);
    const panel = demandPanel({ days: 620, products: 10, mean });
    const events = [30, 130, 230, 330, 430, 530, 630].map((d) => ({ day: panel.startPeriod + d, name: 'Sale' }));
    const found = regressionOf(panel, events, 20);
    for (const h of [0, 1, 2, 3, 4, 5, 6]) {
      const expected = 10 * mean(0, 0, 620 + h);
      expect(Math.abs(found[h] / expected - 1)).toBeLessThan(0.15);
    }
    // Six past events against the penalty: the effect is drawn towards none.
    expect(found[10] / (10 * mean(0, 0, 620 + 10))).toBeGreaterThan(0.65);
    expect(found[10] / found[3]).toBeGreaterThan(1.9);
  });

  it('has no forecast for groups with less than 90 days', () => {
    expect([...regressionOf(demandPanel({ days: 80 }), [], 5)].every(Number.isNaN)).toBe(true);
  });
});

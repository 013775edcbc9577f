import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import { FREQUENCIES, periodOfDay, TRAITS, type Frequency } from '../series/frequency.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { buildCalendar, eventVocabulary } from './calendar.ts';
import { featureSource } from './history.ts';
import { computeFeatures, type RowKeys } from './rows.ts';
import { featureSchema, type SignalAvailability } from './schema.ts';

const PERIODS = 180;
const ORIGIN = 120;
const AHEAD = 24;
/** Periods for which the warmth is foretold. */
const REACH = 5;
const START = { hourly: 24 * 19_358 + 5, daily: 19_358, weekly: 19_361, monthly: 12 * 40 };

/** A panel with every signal; where `from` is given, all that is not known ahead differs from that period on. */
function panelOf(frequency: Frequency, knownSignals: boolean, from = Infinity): Panel {
  const base = demandPanel({ days: PERIODS });
  const rng = createRng(3);
  const other = createRng(4);
  const size = base.sales.length;
  const row = (length: number, mayChange: boolean, draw: (random: () => number) => number, reach = 0) =>
    Float32Array.from({ length }, (_, i) => {
      const first = draw(rng);
      return mayChange && i % PERIODS >= from + reach ? draw(other) : first;
    });
  return {
    ...base,
    frequency,
    startPeriod: START[frequency],
    sales: base.sales.map((value, i) => (i % PERIODS >= from ? 1000 + (i % 7) : value)),
    price: row(size, !knownSignals, (random) => (random() < 0.1 ? NaN : 1 + random())),
    promotion: row(size, !knownSignals, (random) => (random() < 0.2 ? 1 : 0)),
    inStock: Uint8Array.from(row(size, true, (random) => (random() < 0.1 ? 0 : 1))),
    attributes: [{ name: 'brand', of: 'product', codes: base.product.map((code) => code % 2) }],
    covariates: [
      {
        name: 'payday',
        known: true,
        rowOf: base.location,
        values: row(2 * PERIODS, false, (random) => (random() < 0.3 ? 1 : 0)),
        stride: PERIODS,
      },
      { name: 'rain', known: false, rowOf: base.location, values: row(2 * PERIODS, true, (r) => r()), stride: PERIODS },
      {
        name: 'warmth',
        known: true,
        reach: REACH,
        rowOf: base.location,
        values: row(2 * PERIODS, true, (r) => r(), REACH),
        expected: row(2 * PERIODS, false, (r) => 100 + r()),
        stride: PERIODS,
      },
    ],
  };
}

/** Columns at the origin for every series and several targets. */
function columnsOf(panel: Panel, events: readonly CalendarEvent[], knownSignals: boolean) {
  const frequency = panel.frequency!;
  const calendar = buildCalendar(
    panel.startPeriod,
    PERIODS + 48,
    events,
    eventVocabulary(events, originDay(frequency)),
    frequency,
  );
  const targets = [ORIGIN, ORIGIN + 1, ORIGIN + 7, ORIGIN + AHEAD - 1];
  const series = Int32Array.from({ length: panel.seriesCount * targets.length }, (_, k) => k >> 2);
  const keys: RowKeys = {
    series,
    origin: new Int32Array(series.length).fill(ORIGIN),
    target: series.map((_, k) => targets[k % 4]),
  };
  const has: SignalAvailability = {
    frequency,
    price: true,
    promotion: true,
    events: true,
    knownPrice: knownSignals,
    knownPromotion: knownSignals,
    covariates: [
      { name: 'payday', known: true, flag: true },
      { name: 'rain', known: false },
      { name: 'warmth', known: true },
    ],
    attributes: ['brand'],
  };
  const data = computeFeatures(featureSource(panel, observedDays(panel), calendar, null), featureSchema(has), keys);
  return Object.fromEntries(data.names.map((name, f) => [name, data.columns[f]]));
}

/** A civil day near the origin. */
function originDay(frequency: Frequency): number {
  const ordinal = START[frequency] + ORIGIN * TRAITS[frequency].step;
  let day = 19_358;
  while (periodOfDay(frequency, day) < ordinal) day++;
  while (periodOfDay(frequency, day) > ordinal) day--;
  return day;
}

describe.each(FREQUENCIES)('%s features', (frequency) => {
  const day = originDay(frequency);
  const events: CalendarEvent[] = [
    { day: day - 9, name: 'Harvest' },
    { day: day + 2, name: 'Harvest' },
  ];

  it.each([true, false])('do not see the future (signals known ahead: %s)', (knownSignals) => {
    const before = columnsOf(panelOf(frequency, knownSignals), events, knownSignals);
    // A festival nobody has heard of at the origin must not move any code.
    const later = [...events, { day: day + 1, name: 'Fair' }, { day: day + 2, name: 'Autumn' }];
    const after = columnsOf(panelOf(frequency, knownSignals, ORIGIN), later, knownSignals);
    expect(after).toEqual(before);
    const told = Object.values(before).filter((column) => column.some((value) => !Number.isNaN(value)));
    expect(told.length).toBeGreaterThan(0.6 * Object.keys(before).length);
  });

  it('are the same on the panel cut at the origin', () => {
    const whole = panelOf(frequency, false);
    expect(columnsOf(truncatePanel(whole, ORIGIN), events, false)).toEqual(columnsOf(whole, events, false));
  });

  it('see what is foretold as far as it is, and what is usual beyond', () => {
    const { covariate_warmth: warmth } = columnsOf(panelOf(frequency, false), events, false);
    // Targets of each series: the first two periods, and two beyond the reach.
    warmth.forEach((value, k) => expect([k, value >= 100]).toEqual([k, k % 4 > 1]));
  });

  it('do see the past', () => {
    const before = columnsOf(panelOf(frequency, false), events, false);
    const after = columnsOf(panelOf(frequency, false, ORIGIN - 1), events, false);
    for (const name of ['sales_lag_1', 'price', 'covariate_rain_last', 'product_mean_' + TRAITS[frequency].year])
      expect([name, after[name]]).not.toEqual([name, before[name]]);
  });
});

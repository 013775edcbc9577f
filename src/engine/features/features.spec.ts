import { describe, expect, it } from '@jest/globals';
import { demandPanel, FIRST_DAY } from '../../../test/support/demand-panels.ts';
import { observedDays } from '../series/availability.ts';
import type { Panel } from '../series/panel.ts';
import { buildCalendar, eventVocabulary } from './calendar.ts';
import { featureSource, type FeatureSource } from './history.ts';
import { computeFeatures, horizonRows, sampleRows, type RowKeys } from './rows.ts';
import { featureSchema } from './schema.ts';

const EVENTS = [
  { day: FIRST_DAY + 40, name: 'Harvest' },
  { day: FIRST_DAY + 405, name: 'Harvest' },
  { day: FIRST_DAY + 120, name: 'Festival' },
];
const EVERYTHING = { price: true, promotion: true, events: true, knownPrice: false, knownPromotion: false };

function fullPanel(days = 450): Panel {
  const panel = demandPanel({ days });
  const size = panel.sales.length;
  const panelWithSignals = {
    ...panel,
    price: Float32Array.from({ length: size }, (_, i) => (i % 11 === 0 ? NaN : 2 + (i % 5))),
    promotion: Float32Array.from({ length: size }, (_, i) => (i % 9 === 0 ? 1 : 0)),
    inStock: Uint8Array.from({ length: size }, (_, i) => (i % 13 === 0 ? 0 : 1)),
    firstPeriod: panel.firstPeriod.map((_, s) => (s === 3 ? 100 : 0)),
  };
  panelWithSignals.sales.fill(NaN, 3 * days, 3 * days + 100);
  return panelWithSignals;
}

function sourceOf(panel: Panel): FeatureSource {
  const calendar = buildCalendar(panel.startPeriod, panel.periodCount + 60, EVENTS, eventVocabulary(EVENTS));
  return featureSource(panel, observedDays(panel), calendar, null);
}

function featuresAt(panel: Panel, series: number, origin: number, target: number): Record<string, number> {
  const keys: RowKeys = {
    series: Int32Array.of(series),
    origin: Int32Array.of(origin),
    target: Int32Array.of(target),
  };
  const data = computeFeatures(sourceOf(panel), featureSchema(EVERYTHING), keys);
  return Object.fromEntries(data.names.map((name, f) => [name, data.columns[f][0]]));
}

/** The observed sales of a series on some days, by the definition and not by running sums. */
function observedSales(panel: Panel, series: number, from: number, to: number): number[] {
  const values: number[] = [];
  for (let d = Math.max(from, panel.firstPeriod[series]); d < to; d++) {
    const at = series * panel.periodCount + d;
    if (panel.inStock?.[at] !== 0) values.push(panel.sales[at]);
  }
  return values;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('features', () => {
  const panel = fullPanel();
  const cases: [number, number, number][] = [
    [0, 400, 400],
    [1, 399, 420],
    [3, 130, 135],
    [6, 390, 417],
  ];

  it.each(cases)('of series %i, origin %i, target %i agree with their definitions', (s, origin, target) => {
    const found = featuresAt(panel, s, origin, target);
    const last = (days: number) => observedSales(panel, s, origin - days, origin);
    const close = (name: string, expected: number) =>
      expect([name, found[name]]).toEqual([name, Math.fround(expected)]);
    expect(found.horizon).toBe(target - origin + 1);
    for (const days of [7, 28, 112]) expect(found[`rolling_mean_${days}`]).toBeCloseTo(mean(last(days)), 4);
    const month = last(28);
    const centre = mean(month);
    expect(found.rolling_std_28).toBeCloseTo(Math.sqrt(mean(month.map((y) => (y - centre) ** 2))), 4);
    close('rolling_min_7', Math.min(...last(7)));
    close('rolling_max_28', Math.max(...month));
    expect(found.nonzero_share_28).toBeCloseTo(month.filter((y) => y > 0).length / month.length, 5);
    for (const step of [1, 7, 30]) {
      let day = target;
      while (day >= origin) day -= step;
      const at = s * panel.periodCount + day;
      expect(found[`sales_lag_${step}`]).toBe(panel.inStock?.[at] === 0 ? NaN : panel.sales[at]);
    }
    const sameWeekday: number[] = [];
    let day = target;
    while (day >= origin) day -= 7;
    for (let w = 0; w < 8; w++, day -= 7) sameWeekday.push(...observedSales(panel, s, day, day + 1));
    expect(found.weekday_mean_8).toBeCloseTo(mean(sameWeekday), 4);
    let slow = NaN;
    for (const y of observedSales(panel, s, 0, origin)) slow = Number.isNaN(slow) ? y : slow + 0.03 * (y - slow);
    expect(found['ewma_0.03']).toBeCloseTo(slow, 4);
    const run = observedSales(panel, s, 0, origin).reverse();
    expect(found.zero_run).toBe(run.findIndex((y) => y > 0));
    if (target - 367 >= panel.firstPeriod[s])
      expect(found.year_ago_mean_7).toBeCloseTo(mean(observedSales(panel, s, target - 367, target - 360)), 4);
    expect(found.age).toBe(Math.min(800, target - panel.firstPeriod[s]));
    const product = panel.product[s];
    const everywhere = [0, 1, 2, 3, 4, 5, 6, 7].filter((other) => panel.product[other] === product);
    const pooled = everywhere.flatMap((other) => observedSales(panel, other, origin - 28, origin));
    expect(found.product_mean_28).toBeCloseTo(mean(pooled), 4);
  });

  it('tell of events on the day, the day after and the nearest one around', () => {
    const before = featuresAt(panel, 0, 100, 119);
    const codes = eventVocabulary(EVENTS);
    expect(before.event).toBe(0);
    expect(before.event_next_day).toBe(codes.indexOf('Festival') + 1);
    expect(before.nearest_event).toBe(codes.indexOf('Festival') + 1);
    expect(before.nearest_event_distance).toBe(-1);
    expect(featuresAt(panel, 0, 100, 120).event).toBe(codes.indexOf('Festival') + 1);
    expect(featuresAt(panel, 0, 100, 130).nearest_event).toBe(0);
  });

  it('carry stable names, without duplicates, and never the product', () => {
    const names = featureSchema(EVERYTHING).map((feature) => feature.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['sales_lag_7', 'sales_lag_30', 'rolling_mean_7', 'horizon']));
    expect(names).not.toContain('product');
  });

  it('use the target day’s price only where plans are known', () => {
    const known = featureSchema({ ...EVERYTHING, knownPrice: true });
    const keys = horizonRows(Int32Array.of(1), 20, 1);
    const column = (schema: typeof known) => {
      const data = computeFeatures(sourceOf(panel), schema, keys);
      return data.columns[data.names.indexOf('price')][0];
    };
    const at = panel.periodCount + 20;
    expect(column(known)).toBe(panel.price![at]);
    expect(column(featureSchema(EVERYTHING))).toBe(panel.price![at - 1]);
  });
});

describe('sampleRows', () => {
  it('draws observed targets with a day of history at least, sorted by series, the same for the same seed', () => {
    const source = sourceOf(fullPanel());
    const settings = { maxRows: 500, horizon: 28, windowDays: 300, seed: 5 };
    const keys = sampleRows(source, settings);
    expect(keys.series).toHaveLength(500);
    keys.series.forEach((s, row) => {
      const target = keys.target[row];
      expect(source.observed[s * source.panel.periodCount + target]).toBe(1);
      expect(target).toBeGreaterThanOrEqual(150);
      const ahead = target - keys.origin[row] + 1;
      expect(ahead).toBeGreaterThanOrEqual(1);
      expect(ahead).toBeLessThanOrEqual(28);
      expect(keys.origin[row]).toBeGreaterThan(source.panel.firstPeriod[s]);
      if (row > 0) expect(s).toBeGreaterThanOrEqual(keys.series[row - 1]);
    });
    expect(sampleRows(source, settings)).toEqual(keys);
    expect(sampleRows(source, { ...settings, seed: 6 })).not.toEqual(keys);
    expect(new Set(keys.series).size).toBe(8);
  });
});

import { describe, expect, it } from '@jest/globals';
import { demandPanel, FIRST_DAY } from '../../../test/support/demand-panels.ts';
import { signalPanel } from '../../../test/support/signal-panels.ts';
import { CancelledError, InvalidInputError } from '../errors.ts';
import { ablateSignals, type AblationOptions } from './ablate.ts';
import { ablationRounds } from './rounds.ts';
import { sampleSeries, selectSeries } from './sample-series.ts';
import { hasSignals, withoutSignals } from './signal-group.ts';

const GROUPS = [
  { name: 'weather', covariates: ['rainfall'] },
  { name: 'promotion', promotion: true },
  { name: 'noise', covariates: ['noise'] },
  { name: 'price', price: true },
  { name: 'calendar', events: true },
];
const OPTIONS: AblationOptions = {
  horizon: 7,
  rounds: 3,
  seed: 1,
  maxTrainingRows: 4000,
  known: { promotion: true },
};

describe('ablateSignals', () => {
  const panel = signalPanel(320, 12, 5);
  const steps: number[] = [];
  const found = ablateSignals(panel, [], GROUPS, OPTIONS, { onProgress: (percent) => steps.push(percent) });
  const overall = (group: string) => found.groups.find((gain) => gain.group === group)?.overall;

  it.each(['weather', 'promotion'])('finds what %s gains where it was planted', (group) => {
    const comparison = overall(group);
    if (!comparison?.gain || !comparison.quantileGain) throw new Error('Something was sold');
    const { whole, without, gain, quantileGain, verdict, series } = comparison;
    expect(verdict).toBe('gains');
    expect(series).toBe(24);
    expect(gain.low).toBeGreaterThan(0);
    expect(gain.value).toBeGreaterThan(0.02);
    expect(gain.value).toBeCloseTo((without.wape ?? 0) - (whole.wape ?? 0), 10);
    expect(quantileGain.value).toBeCloseTo((without.wql ?? 0) - (whole.wql ?? 0), 10);
    expect(quantileGain.low).toBeGreaterThan(0);
  });

  it('says of noise that it gains nothing that can be measured', () => {
    expect(overall('noise')).toMatchObject({ verdict: 'no_measurable_gain' });
    expect(Math.abs(overall('noise')?.gain?.value ?? 1)).toBeLessThan(0.01);
  });

  it('tells signals that are not there from those that gain nothing', () => {
    expect(found.groups.filter(({ overall: whole }) => whole === null).map(({ group }) => group)).toEqual([
      'price',
      'calendar',
    ]);
    expect(found.groups.map(({ group }) => group)).toEqual(GROUPS.map(({ name }) => name));
  });

  it('compares by demand class, and the classes make up the whole', () => {
    const [weather] = found.groups;
    expect(weather.bySegment.length).toBeGreaterThan(0);
    expect(weather.bySegment.map(({ segment }) => segment)).toContain('smooth');
    expect(Math.max(...weather.bySegment.map(({ series }) => series))).toBeLessThanOrEqual(24);
    for (const { whole } of weather.bySegment) expect(whole.coverage).toBeGreaterThan(0.5);
  });

  it('tells how far it is', () => {
    expect(steps.at(-1)).toBe(100);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('gives the same bits again, for any number of threads and whatever else is measured', () => {
    const again = ablateSignals(panel, [], GROUPS.slice(0, 1), { ...OPTIONS, threads: 2 });
    expect(again).toEqual({ ...found, groups: found.groups.slice(0, 1) });
  });

  it('stops when it is told to', () => {
    let asked = 0;
    expect(() => ablateSignals(panel, [], GROUPS, OPTIONS, { isCancelled: () => ++asked > 20 })).toThrow(
      CancelledError,
    );
  });

  it('refuses what it cannot work on', () => {
    expect(() => ablateSignals(demandPanel({ days: 20 }), [], GROUPS)).toThrow(InvalidInputError);
    expect(() => ablateSignals(panel, [], GROUPS, { rounds: 0 })).toThrow('rounds is 0');
  });

  it('gives no verdict on a handful of series', () => {
    const few = selectSeries(panel, Int32Array.of(0, 1, 2));
    const { groups } = ablateSignals(few, [], GROUPS.slice(1, 2), { ...OPTIONS, rounds: 1 });
    expect(groups[0].overall).toMatchObject({ series: 3, verdict: 'no_measurable_gain' });
  });
});

describe('ablationRounds', () => {
  it('spreads over a year, and over half of a short history, without overlap', () => {
    const long = ablationRounds(1100, 'daily', { horizon: 28, rounds: 6 });
    expect(long).toEqual({ horizon: 28, origins: [772, 832, 892, 952, 1012, 1072] });
    expect(ablationRounds(220, 'daily', { horizon: 28, rounds: 6 })).toEqual({ horizon: 28, origins: [120, 156, 192] });
    expect(ablationRounds(130, 'weekly', { horizon: 4, rounds: 6 }).origins).toHaveLength(6);
    expect(ablationRounds(60, 'daily', { horizon: 28, rounds: 6 })).toEqual({ horizon: 15, origins: [30, 45] });
  });
});

describe('sampleSeries', () => {
  it('draws evenly over sizes, the same for the same seed', () => {
    const panel = demandPanel({ products: 40, locations: 2, days: 120, mean: (p) => 1 + p });
    const drawn = sampleSeries(panel, 20, 7);
    expect(drawn).toHaveLength(20);
    expect(new Set(drawn).size).toBe(20);
    expect([...drawn]).toEqual([...drawn].sort((a, b) => a - b));
    expect(sampleSeries(panel, 20, 7)).toEqual(drawn);
    const products = selectSeries(panel, drawn).product;
    for (const [low, high] of [
      [0, 20],
      [20, 40],
    ])
      expect(Math.abs(products.filter((product) => product >= low && product < high).length - 10)).toBeLessThan(3);
    expect(sampleSeries(panel, 80, 7)).toEqual(Int32Array.from({ length: 80 }, (_, s) => s));
  });

  it('keeps with a series what belongs to it', () => {
    const panel = signalPanel(60, 3, 1);
    const chosen = selectSeries(panel, Int32Array.of(1, 4));
    expect(chosen.sales.subarray(60)).toEqual(panel.sales.subarray(240, 300));
    expect(chosen.promotion?.subarray(0, 60)).toEqual(panel.promotion?.subarray(60, 120));
    expect([...chosen.product, ...chosen.location]).toEqual([0, 2, 1, 0]);
    expect(chosen.covariates?.[0].rowOf).toHaveLength(2);
  });
});

describe('signal groups', () => {
  const data = {
    panel: signalPanel(60, 2, 1),
    events: [
      { day: FIRST_DAY + 10, name: 'Festival' },
      { day: FIRST_DAY + 90, name: 'Fair' },
    ],
  };

  it('are there if the history holds anything of them', () => {
    expect(hasSignals(data, { name: 'festivals', events: ['Festival'] })).toBe(true);
    expect(hasSignals(data, { name: 'fairs', events: ['Fair'] })).toBe(false);
    expect(hasSignals(data, { name: 'traffic', covariates: ['traffic'] })).toBe(false);
    expect(hasSignals(data, { name: 'price', price: true })).toBe(false);
  });

  it('take everything of themselves away and nothing else', () => {
    const { panel, events } = withoutSignals(data, { name: 'some', events: ['Fair'], covariates: ['rainfall'] });
    expect(events).toEqual(data.events.slice(0, 1));
    const [rainfall, noise] = panel.covariates ?? [];
    expect(rainfall.values.every(Number.isNaN)).toBe(true);
    expect(noise).toBe(data.panel.covariates?.[1]);
    expect(panel.promotion).toBe(data.panel.promotion);
    expect(withoutSignals(data, { name: 'promotion', promotion: true }).panel.promotion?.every(Number.isNaN)).toBe(
      true,
    );
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { CancelledError, InvalidInputError } from '../errors.ts';
import type { Panel } from '../series/panel.ts';
import { forecastWith } from './forecast.ts';
import { trainForecasterWithNetwork, type NetworkSettings } from './network-member.ts';
import { trainForecaster } from './train.ts';
import type { Forecast, TrainingResult, TrainOptions } from './types.ts';

const DAYS = 160;
const HELD_OUT = 14;
const QUICK: TrainOptions = { budget: 'quick', maxTrainingRows: 600, horizon: 7, holdOutPeriods: HELD_OUT };
/** Too few rows for a boosted model: what is tried here is the network. */
const UNBOOSTED: TrainOptions = { ...QUICK, maxTrainingRows: 100 };
const NETWORK: NetworkSettings = {
  hidden: 24,
  layers: 1,
  steps: 50,
  batch: 32,
  checkEvery: 25,
  learningRate: 0.02,
  levels: [0.5],
};
const BRIEF: NetworkSettings = { ...NETWORK, hidden: 8, steps: 3, batch: 8, checkEvery: 3 };

/** A pulse every 11 days that comes on other days for each product: no calendar and no group knows it. */
function pulsingPanel(products = 12): Panel {
  return demandPanel({
    products,
    locations: 1,
    days: DAYS,
    mean: (p, _l, d) => (6 + p) * ((d + 5 * p) % 11 < 4 ? 2.2 : 0.4),
  });
}

const meanOf = (forecast: Forecast | undefined, name: string) =>
  forecast?.components.find((component) => component.name === name)?.mean;

describe('a network in the ensemble', () => {
  const panel = pulsingPanel();
  let plain: TrainingResult;
  let result: TrainingResult;
  const progress: { percent: number; message: string }[] = [];

  beforeAll(async () => {
    plain = trainForecaster(panel, [], QUICK);
    const onProgress = (percent: number, message: string) => progress.push({ percent, message });
    result = await trainForecasterWithNetwork(panel, [], QUICK, { onProgress }, NETWORK);
  });

  it('earns its weight where it sees more than the others', () => {
    const wape = new Map(result.evaluation?.members.map(({ name, accuracy }) => [name, accuracy.wape ?? NaN]));
    expect([...wape.keys()]).toEqual([...(plain.evaluation?.members.map(({ name }) => name) ?? []), 'network']);
    expect(wape.get('network')).toBeLessThan(0.75 * (wape.get('weekday_mean') ?? 0));
    expect(result.evaluation?.ensemble.wape).toBeLessThan(0.9 * (plain.evaluation?.ensemble.wape ?? 0));
    for (const { weights } of result.weights) {
      expect(weights.every((weight) => weight >= 0)).toBe(true);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10);
    }
    const { members, weights } = result.weights[result.forecast.segment[0]];
    expect(weights[members.indexOf('network')]).toBeGreaterThan(0.3);
    expect(meanOf(result.forecast, 'network')).toHaveLength(12 * 7);
  });

  it('leaves a model that forecasts without it as if it had never been there', () => {
    expect(result.model).toBe(plain.model);
    expect(forecastWith(result.model, panel, [])).toEqual(plain.forecast);
  });

  it('reports its progress upwards, the networks first', () => {
    const percents = progress.map(({ percent }) => percent);
    expect([...percents].sort((a, b) => a - b)).toEqual(percents);
    expect(percents.at(-1)).toBe(100);
    expect(progress[0].message).toMatch(/^Network 1 of 3: /);
    expect(progress.findLast(({ percent }) => percent < 50)?.message).toMatch(/^Network 3 of 3: /);
  });
});

describe('training with a network', () => {
  const train = (panel: Panel, options: TrainOptions = UNBOOSTED, settings: NetworkSettings = BRIEF) =>
    trainForecasterWithNetwork(panel, [], options, {}, settings);

  it('gives the same bits for the same input, and keeps the hold-out away from everything it judges', async () => {
    const first = await train(pulsingPanel(3));
    expect(await train(pulsingPanel(3))).toEqual(first);
    const poisoned = pulsingPanel(3);
    for (let s = 0; s < 3; s++) poisoned.sales.fill(777, (s + 1) * DAYS - HELD_OUT, (s + 1) * DAYS);
    const other = await train(poisoned);
    expect(other.holdOut?.forecast).toEqual(first.holdOut?.forecast);
    expect(meanOf(other.holdOut?.forecast, 'network')).toBeDefined();
    expect(meanOf(other.forecast, 'network')).not.toEqual(meanOf(first.forecast, 'network'));
  });

  it.each([true, false])('reads planned promotions only where they are known: %s', async (isKnown) => {
    const base = pulsingPanel(3);
    const panel = { ...base, promotion: base.sales.map((_, i) => (i % 10 === 0 ? 1 : 0)) };
    const planned = async (value: number) => {
      const promotion = new Float32Array(3 * 7).fill(value);
      const known = { promotion: isKnown };
      const { forecast } = await train(panel, { ...UNBOOSTED, holdOutPeriods: 0, known, future: { promotion } });
      return [...(meanOf(forecast, 'network') ?? [])];
    };
    const without = await planned(0);
    expect(without).toHaveLength(21);
    const promoted = await planned(1);
    expect(promoted.every((mean, i) => mean === without[i])).toBe(!isKnown);
  });

  it('does without the network where there is no back end for it, and says so', async () => {
    const messages: string[] = [];
    const onProgress = (_percent: number, message: string) => messages.push(message);
    const settings: NetworkSettings = { ...BRIEF, kind: 'lstm', backend: 'wasm' };
    const result = await trainForecasterWithNetwork(pulsingPanel(2), [], UNBOOSTED, { onProgress }, settings);
    expect(result).toEqual(trainForecaster(pulsingPanel(2), [], UNBOOSTED));
    expect(messages[0]).toMatch(/^Training without the network: .*native back end/);
  });

  it.each([
    [40, /history is too short to train/],
    [20, /history is too short to judge/],
  ])('does without the network on %i days, and says so', async (periodCount, reason) => {
    const full = pulsingPanel(2);
    const sales = new Float32Array(2 * periodCount);
    for (let s = 0; s < 2; s++) sales.set(full.sales.subarray(s * DAYS, s * DAYS + periodCount), s * periodCount);
    const panel = { ...full, sales, periodCount };
    const messages: string[] = [];
    const onProgress = (_percent: number, message: string) => messages.push(message);
    const result = await trainForecasterWithNetwork(panel, [], UNBOOSTED, { onProgress }, BRIEF);
    expect(messages.some((message) => reason.test(message))).toBe(true);
    expect(meanOf(result.forecast, 'network')).toBeUndefined();
  });

  it('stops wherever it is told to', async () => {
    let asked = 0;
    const count = () => ++asked > 1e9;
    await trainForecasterWithNetwork(pulsingPanel(2), [], UNBOOSTED, { isCancelled: count }, BRIEF);
    const questions = asked;
    // Three networks ask before each of 3 steps and of 6 forecasts in all, the other models after that.
    expect(questions).toBeGreaterThan(15);
    for (const limit of [0, 12, questions - 1]) {
      asked = 0;
      const isCancelled = () => ++asked > limit;
      const training = trainForecasterWithNetwork(pulsingPanel(2), [], UNBOOSTED, { isCancelled }, BRIEF);
      await expect(training).rejects.toThrow(CancelledError);
      expect(asked).toBe(limit + 1);
    }
  });

  it('names what is wrong with its arguments', async () => {
    await expect(train(pulsingPanel(2), { ...UNBOOSTED, horizon: 400 })).rejects.toThrow(InvalidInputError);
    await expect(train(pulsingPanel(2), UNBOOSTED, { ...BRIEF, hidden: 0 })).rejects.toThrow(/hidden/);
  });
});

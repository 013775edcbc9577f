import { describe, expect, it } from '@jest/globals';
import { CancelledError, CorruptModelError, InvalidInputError } from '../errors.ts';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import type { Frequency } from '../series/frequency.ts';
import { TRAITS } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';
import { createInputReader } from './inputs.ts';
import {
  forecastNeural,
  NeuralUnavailableError,
  parseNeural,
  serializeNeural,
  trainNeural,
  type NeuralData,
  type NeuralModel,
  type NeuralSettings,
} from './index.ts';
import { planInputs } from './plan.ts';
import { createBatch } from './pass.ts';
import { loadRuntime } from './runtime.ts';
import { completeSettings } from './settings.ts';
import { fitNetwork } from './train.ts';

const HORIZON = 7;
const SMALL: Partial<NeuralSettings> = {
  horizon: HORIZON,
  hidden: 24,
  steps: 100,
  learningRate: 0.02,
  batch: 32,
  checkEvery: 50,
  levels: [0.1, 0.5, 0.9],
};

/** Series with a strong season, a promoted share of the periods and noise; levels from 5 to 40 units. */
function simulated(frequency: Frequency, seriesCount: number, periodCount: number, extra = 0): NeuralData {
  const rng = createRng(2);
  const length = periodCount + extra;
  const sales = new Float32Array(seriesCount * periodCount);
  const promoted = new Float32Array(seriesCount * length).map(() => (rng() < 0.15 ? 1 : 0));
  const { season } = TRAITS[frequency];
  for (let s = 0; s < seriesCount; s++) {
    for (let t = 0; t < periodCount; t++) {
      const wave = 1 + 0.6 * Math.sin((2 * Math.PI * (t % season)) / season);
      const lift = promoted[s * length + t] ? 2 : 1;
      sales[s * periodCount + t] = Math.round((5 + (35 * s) / seriesCount) * wave * lift * (0.8 + 0.4 * rng()));
    }
  }
  const panel: Panel = {
    frequency,
    startPeriod: frequency === 'hourly' ? 400000 : frequency === 'monthly' ? 500 : 18000,
    periodCount,
    seriesCount,
    sales,
    price: null,
    promotion: null,
    inStock: null,
    product: Int32Array.from({ length: seriesCount }, (_, s) => s),
    location: new Int32Array(seriesCount),
    category: Int32Array.from({ length: seriesCount }, (_, s) => s % 3),
    firstPeriod: new Int32Array(seriesCount),
    covariates: [
      {
        name: 'promoted',
        known: true,
        rowOf: Int32Array.from({ length: seriesCount }, (_, s) => s),
        values: promoted,
        stride: length,
      },
    ],
  };
  return { panel, observed: observedDays(panel), events: [{ day: 18030, name: 'feast' }] };
}

/** The data up to a period; covariates keep their future, as plans do. */
function before(data: NeuralData, periods: number): NeuralData {
  const { panel } = data;
  const sales = new Float32Array(panel.seriesCount * periods);
  for (let s = 0; s < panel.seriesCount; s++)
    sales.set(panel.sales.subarray(s * panel.periodCount, s * panel.periodCount + periods), s * periods);
  const cut = { ...panel, sales, periodCount: periods };
  return { ...data, panel: cut, observed: observedDays(cut) };
}

async function trained(data: NeuralData, settings: Partial<NeuralSettings> = {}): Promise<NeuralModel> {
  const model = await trainNeural(data, { ...SMALL, ...settings });
  if (!model) throw new Error('no network');
  return model;
}

describe('neural forecasts', () => {
  const full = simulated('daily', 24, 160);
  const data = before(full, 160 - HORIZON);

  it('beat the last season repeated by a quarter, with ordered quantiles that cover', async () => {
    const model = await trained(data);
    const { mean, quantiles, usable } = await forecastNeural(model, data);
    let error = 0;
    let naiveError = 0;
    let covered = 0;
    for (let s = 0; s < 24; s++) {
      for (let h = 0; h < HORIZON; h++) {
        const at = s * HORIZON + h;
        const actual = full.panel.sales[s * 160 + 160 - HORIZON + h];
        error += Math.abs(actual - mean[at]);
        naiveError += Math.abs(actual - full.panel.sales[s * 160 + 160 - HORIZON + h - 7]);
        if (actual >= quantiles[0][at] && actual <= quantiles[2][at]) covered++;
        expect(quantiles[0][at]).toBeGreaterThanOrEqual(0);
        expect(quantiles[1][at]).toBeGreaterThanOrEqual(quantiles[0][at]);
        expect(quantiles[2][at]).toBeGreaterThanOrEqual(quantiles[1][at]);
      }
    }
    expect(error).toBeLessThan(0.75 * naiveError);
    expect(covered / (24 * HORIZON)).toBeGreaterThan(0.6);
    expect([...usable]).toEqual(new Array(24).fill(1));

    const read = parseNeural(serializeNeural(model));
    expect(read).toEqual(model);
    const shorter = await forecastNeural(read, data, 3);
    for (let s = 0; s < 24; s++)
      expect([...shorter.mean.subarray(s * 3, s * 3 + 3)]).toEqual([...mean.subarray(s * HORIZON, s * HORIZON + 3)]);
  });

  it('repeat bit by bit from the same seed, and only from it', async () => {
    const text = async (seed: number) => serializeNeural(await trained(data, { seed, steps: 12, checkEvery: 4 }));
    const first = await text(1);
    expect(await text(1)).toBe(first);
    expect(await text(2)).not.toBe(first);
  });

  it.each(['hourly', 'weekly', 'monthly'] as const)('works on %s series', async (frequency) => {
    const short = simulated(frequency, 6, 150, 4);
    const model = await trained(short, { horizon: 4, steps: 10, hidden: 8 });
    const { mean } = await forecastNeural(model, short);
    expect(mean).toHaveLength(24);
    expect(mean.every((value) => value > 0 && value < 200)).toBe(true);
  });

  it('does not look past the origin', () => {
    const settings = completeSettings(SMALL);
    const plan = planInputs(data, settings);
    const rows = (source: NeuralData) => {
      const reader = createInputReader(plan, source);
      const batch = createBatch(reader, 1, HORIZON);
      const scale = reader.read(3, 100, 0, batch.history, batch.steps);
      return { scale, history: [...batch.history], steps: [...batch.steps] };
    };
    const changed = { ...data, panel: { ...data.panel, sales: data.panel.sales.slice() } };
    changed.panel.sales.fill(999, 3 * data.panel.periodCount + 100, 4 * data.panel.periodCount);
    expect(rows(changed)).toEqual(rows(data));
    changed.panel.sales[3 * data.panel.periodCount + 99] += 1;
    expect(rows(changed)).not.toEqual(rows(data));
  });

  it('gives zeros and says so for a series without a history, and null where none has one', async () => {
    const model = await trained(data, { steps: 3 });
    const silent = { ...data, observed: data.observed.slice() };
    silent.observed.fill(0, 0, data.panel.periodCount);
    const { mean, quantiles, usable } = await forecastNeural(model, silent);
    expect([...usable].slice(0, 2)).toEqual([0, 1]);
    expect([...mean.subarray(0, HORIZON), ...quantiles[2].subarray(0, HORIZON)].every((value) => value === 0)).toBe(
      true,
    );
    expect(await trainNeural(before(data, 25), { ...SMALL, horizon: 14 })).toBeNull();
  });

  it('stops when told to, and refuses what does not fit', async () => {
    let asked = 0;
    const cancelled = trainNeural(data, SMALL, { isCancelled: () => ++asked > 3 });
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(asked).toBe(4);
    await expect(trainNeural(data, { ...SMALL, levels: [0.5, 0.4] })).rejects.toThrow(InvalidInputError);
    await expect(trainNeural({ ...data, observed: new Uint8Array(3) }, SMALL)).rejects.toThrow('observed');
    const model = await trained(data, { steps: 2 });
    await expect(forecastNeural(model, data, HORIZON + 1)).rejects.toThrow('horizon');
    const bare = { ...data, panel: { ...data.panel, covariates: [] } };
    await expect(forecastNeural(model, bare)).rejects.toThrow('promoted');
    const text = serializeNeural(model);
    for (const damaged of [
      text.replace('"horizon":7', '"horizon":8'),
      text.slice(0, -9),
      '',
      text.replace(' 1 ', ' 9 '),
    ])
      expect(() => parseNeural(damaged)).toThrow(CorruptModelError);
  });

  it('trains an LSTM through the same steps, but offers it on the native back end alone', async () => {
    await expect(trainNeural(data, { ...SMALL, kind: 'lstm' }, { backend: 'wasm' })).rejects.toThrow(
      NeuralUnavailableError,
    );
    const runtime = await loadRuntime({ backend: 'wasm' });
    const settings = completeSettings({ ...SMALL, kind: 'lstm', hidden: 4, batch: 4, steps: 6, checkEvery: 2 });
    const losses: number[] = [];
    const model = await fitNetwork(runtime, data, settings, {
      onProgress: (_percent, message) => losses.push(Number(message.split(' ').at(-1))),
    });
    expect(model?.weights[0].name).toBe('lstm.input.kernel');
    expect(losses[2]).toBeLessThan(losses[0]);
  });
});

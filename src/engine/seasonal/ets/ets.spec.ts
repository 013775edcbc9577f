import { describe, expect, it } from '@jest/globals';
import { createRng } from '../../rng.ts';
import { historyOf, type LocalSeries } from '../history.ts';
import { forecastEts } from './forecast.ts';
import { minimise } from './minimise.ts';
import { predictMean, predictSpread } from './predict.ts';
import { smooth } from './recursion.ts';
import { etsName, fitEts, type EtsModel } from './select.ts';

function seriesOf(values: readonly number[]): LocalSeries {
  return {
    values,
    observed: Uint8Array.from(values, (value) => (value === value ? 1 : 0)),
    offset: 0,
    first: 0,
    end: values.length,
  };
}

/** Sum of twelve uniform numbers: mean 0, variance 1. */
function normal(rng: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += rng();
  return sum;
}

const sine = (t: number, season: number) => Math.sin((2 * Math.PI * t) / season);

describe('recursion', () => {
  const plain = { level: 0.5, slope: 0, season: 0, damping: 0 };

  it('is simple exponential smoothing without trend and season', () => {
    // Forecasts 10, 10, 11: errors 0, 2, -3; levels 10, 11, 9.5.
    const state = Float64Array.of(10, 0);
    expect(smooth(Float64Array.of(10, 12, 8), 1, 'none', plain, state, 10, Infinity)).toBe(13);
    expect(state[0]).toBe(9.5);
  });

  it('moves along its damped slope over a gap and corrects nothing', () => {
    // Slope 2 damped by a half: 1, .5, .25; the last value meets the forecast 11.75 + ... with error 1.
    const state = Float64Array.of(10, 2);
    const smoothing = { level: 0.5, slope: 0.25, season: 0, damping: 0.5 };
    expect(smooth(Float64Array.of(NaN, NaN, 12.75), 1, 'none', smoothing, state, 10, Infinity)).toBe(1);
    expect([...state]).toEqual([12.25, 0.5]);
  });

  it('corrects additive and multiplicative seasons by hand-computed steps', () => {
    const smoothing = { level: 0.5, slope: 0, season: 0.25, damping: 0 };
    const additive = Float64Array.of(10, 0, 2, -2);
    // Forecast 12, error 4: level 12, first phase 3; forecast 10, error -2: level 11, second phase -2.5.
    expect(smooth(Float64Array.of(16, 8), 2, 'additive', smoothing, additive, 10, Infinity)).toBe(20);
    expect([...additive]).toEqual([11, 0, 3, -2.5]);
    const factors = Float64Array.of(10, 0, 2, 0.5);
    // Forecast 20, error 4: level 10 + .5·4/2 = 11, factor 2 + .25·4/10 = 2.1; forecast 5.5, error 0.
    expect(smooth(Float64Array.of(24, 5.5), 2, 'multiplicative', smoothing, factors, 10, Infinity)).toBe(16);
    [11, 0, 2.1, 0.5].forEach((value, i) => expect(factors[i]).toBeCloseTo(value, 12));
  });

  it('breaks off beyond its limit', () => {
    expect(smooth(Float64Array.of(10, 20, 0), 1, 'none', plain, Float64Array.of(10, 0), 10, 50)).toBe(Infinity);
  });
});

describe('simplex search', () => {
  it('finds the bottom of a tilted bowl within its budget', () => {
    let calls = 0;
    const point = Float64Array.of(-2, 2);
    const value = minimise(
      ([x, y]) => {
        calls++;
        return 1 + (x - 1) ** 2 + 3 * (y + 0.5) ** 2 + (x - 1) * (y + 0.5);
      },
      point,
      1 + 9 + 3 * 6.25 - 7.5,
      1,
      80,
      1e-9,
    );
    expect(value).toBeCloseTo(1, 4);
    expect(point[0]).toBeCloseTo(1, 2);
    expect(point[1]).toBeCloseTo(-0.5, 2);
    expect(calls).toBeLessThan(85);
  });
});

describe('choice of the form', () => {
  const noisy = (mean: (t: number) => number, length: number, noise = 1) => {
    const rng = createRng(3);
    return Array.from({ length }, (_, t) => Math.max(0, mean(t) + noise * normal(rng)));
  };
  const formOf = (values: number[], season: number) => fitEts(historyOf(seriesOf(values), 1100), season);

  it('takes neither trend nor season for noise', () => {
    const { trend, seasonal } = formOf(
      noisy(() => 20, 150),
      7,
    );
    expect([trend, seasonal]).toEqual(['none', 'none']);
  });
  it('sees a season that swings by the same amount, and one that grows with the level', () => {
    expect(
      formOf(
        noisy((t) => 30 + 8 * sine(t, 7), 300),
        7,
      ).seasonal,
    ).toBe('additive');
    const swelling = formOf(
      noisy((t) => (20 + t) * (1 + 0.5 * sine(t, 12)), 120),
      12,
    );
    expect(swelling.seasonal).toBe('multiplicative');
    expect(swelling.trend).not.toBe('none');
  });
  it('takes errors in proportion where the noise grows with the level', () => {
    const rng = createRng(9);
    const values = Array.from({ length: 200 }, (_, t) => 50 * 1.02 ** t * (1 + 0.1 * normal(rng)));
    const model = formOf(values, 1);
    expect(model.error).toBe('multiplicative');
    expect(etsName(model)).toMatch(/^ETS\(M,(A|Ad),N\)$/);
    expect(model.sigma).toBeGreaterThan(0.07);
    expect(model.sigma).toBeLessThan(0.15);
  });
});

describe('forecasts', () => {
  it('continue season and trend within a few percent', () => {
    const mean = (t: number) => (100 + t) * (1 + 0.4 * sine(t, 12));
    const out = new Float32Array(14);
    const used = forecastEts(seriesOf(Array.from({ length: 84 }, (_, t) => mean(t))), [12], 12, out, 1);
    expect(used).toBe('ets');
    for (let h = 0; h < 12; h++) expect(Math.abs(out[1 + h] / mean(84 + h) - 1)).toBeLessThan(0.08);
    expect([out[0], out[13]]).toEqual([0, 0]);
  });

  it('take out a season too long for the recursion, and put it back', () => {
    const values = Array.from({ length: 168 * 5 }, (_, t) => 50 + 20 * sine(t, 24) + 10 * sine(t, 168));
    const out = new Float32Array(168);
    forecastEts(seriesOf(values), [24, 168], 168, out, 0);
    out.forEach((value, h) => expect(Math.abs(value - values[h])).toBeLessThan(2));
  });

  it('skip gaps', () => {
    const values = Array.from({ length: 140 }, (_, t) => (t % 5 === 3 ? NaN : 10 + 4 * sine(t, 7)));
    const out = new Float32Array(7);
    forecastEts(seriesOf(values), [7], 7, out, 0);
    out.forEach((value, h) => expect(value).toBeCloseTo(10 + 4 * sine(h, 7), 0));
  });

  it('answer with a simpler model that they name', () => {
    const out = new Float32Array(3);
    expect(forecastEts(seriesOf([]), [7], 3, out, 0)).toBe('no_demand');
    expect(forecastEts(seriesOf([1, 5, 3]), [7], 3, out, 0)).toBe('recent_mean');
    expect([...out]).toEqual([3, 3, 3]);
    expect(forecastEts(seriesOf(new Array<number>(20).fill(4)), [7], 3, out, 0)).toBe('constant');
    expect([...out]).toEqual([4, 4, 4]);
  });
});

describe('spread of the forecasts', () => {
  /** Variance of simulated futures of the same model, by the recursion itself. */
  function simulated(model: EtsModel, horizon: number, paths: number): Float64Array {
    const rng = createRng(11);
    const { smoothing, seasonal, season, error, sigma } = model;
    const mean = predictMean(model, horizon);
    const squares = new Float64Array(horizon);
    for (let p = 0; p < paths; p++) {
      const state = model.state.slice();
      for (let h = 0; h < horizon; h++) {
        const at = 2 + ((model.periods + h) % season);
        const level = state[0] + smoothing.damping * state[1];
        const expected = seasonal === 'none' ? level : seasonal === 'additive' ? level + state[at] : level * state[at];
        const miss = sigma * normal(rng) * (error === 'additive' ? 1 : expected);
        squares[h] += (expected + miss - mean[h]) ** 2;
        const scaled = seasonal === 'multiplicative' ? miss / state[at] : miss;
        if (seasonal === 'additive') state[at] += smoothing.season * miss;
        if (seasonal === 'multiplicative') state[at] += (smoothing.season * miss) / level;
        state[0] = level + smoothing.level * scaled;
        state[1] = smoothing.damping * state[1] + smoothing.slope * scaled;
      }
    }
    return squares.map((sum) => Math.sqrt(sum / paths));
  }
  const base = {
    trend: 'damped',
    season: 4,
    smoothing: { level: 0.3, slope: 0.1, season: 0.2, damping: 0.9 },
    aicc: 0,
    periods: 22,
  } as const;
  const models: [string, EtsModel][] = [
    [
      'A,Ad,A',
      { ...base, error: 'additive', seasonal: 'additive', sigma: 5, state: Float64Array.of(100, 2, 9, -5, 1, -5) },
    ],
    [
      'A,Ad,M',
      {
        ...base,
        error: 'additive',
        seasonal: 'multiplicative',
        sigma: 5,
        state: Float64Array.of(100, 2, 1.4, 0.7, 0.9, 1),
      },
    ],
    [
      'M,Ad,M',
      {
        ...base,
        error: 'multiplicative',
        seasonal: 'multiplicative',
        sigma: 0.05,
        state: Float64Array.of(100, 2, 1.4, 0.7, 0.9, 1),
      },
    ],
    [
      'M,Ad,N',
      { ...base, season: 1, error: 'multiplicative', seasonal: 'none', sigma: 0.05, state: Float64Array.of(100, 2) },
    ],
  ];
  it.each(models)('agrees with simulation for ETS(%s)', (_name, model) => {
    const found = predictSpread(model, predictMean(model, 10));
    simulated(model, 10, 3000).forEach((sd, h) => expect(Math.abs(found[h] / sd - 1)).toBeLessThan(0.07));
  });

  it('covers about 95 % of simulated demand', () => {
    const rng = createRng(21);
    let inside = 0;
    for (let s = 0; s < 40; s++) {
      const values = Array.from({ length: 228 }, (_, t) => Math.max(0, 30 + 6 * sine(t, 7) + 4 * normal(rng)));
      const out = new Float32Array(28);
      const sd = new Float32Array(28);
      forecastEts(seriesOf(values.slice(0, 200)), [7], 28, out, 0, { sd });
      for (let h = 0; h < 28; h++) if (Math.abs(values[200 + h] - out[h]) <= 1.96 * sd[h]) inside++;
    }
    expect(inside / (40 * 28)).toBeGreaterThan(0.92);
    expect(inside / (40 * 28)).toBeLessThan(0.975);
  });
});

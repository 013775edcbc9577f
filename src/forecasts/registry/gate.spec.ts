import { describe, expect, it } from '@jest/globals';
import type { Accuracy, Evaluation } from '../../engine/index.ts';
import { DEFAULT_GATE } from '../../platform/config/index.ts';
import { judge as judgeBy } from './gate.ts';
import type { ChampionComparison, Incomparable } from './gate.ts';

const accuracy = (values: Partial<Accuracy> = {}): Accuracy => ({
  count: 100,
  mae: 1,
  rmse: 1,
  r2: 0.5,
  mape: 30,
  mapeZeroCount: 0,
  wape: 0.4,
  bias: 0.01,
  mase: 0.8,
  rmsse: 0.8,
  pinball: 0.3,
  pinballByLevel: { p10: 0.2, p50: 0.4, p90: 0.3 },
  coverage: 0.8,
  ...values,
});
const evaluation = (values: Partial<Accuracy> = {}, seasonalNaiveWape: number | null = 0.6): Evaluation => ({
  holdOutStart: 0,
  holdOutPeriods: 30,
  ensemble: accuracy(values),
  members: [],
  seasonalNaiveWape,
  byHorizon: [],
  bySeries: {
    wape: new Float32Array(),
    mae: new Float32Array(),
    bias: new Float32Array(),
    mase: new Float32Array(),
    coverage: new Float32Array(),
  },
  productTotals: accuracy(),
});
const judge = (of: Evaluation | null, comparison: ChampionComparison | Incomparable, sound: boolean) =>
  judgeBy(of, comparison, sound, DEFAULT_GATE);
const failed = (verdict: ReturnType<typeof judge>) =>
  verdict.checks.filter(({ passed }) => !passed).map(({ name }) => name);

describe('gate', () => {
  it('passes a sound model that beats the seasonal naive forecast', () => {
    expect(judge(evaluation(), 'no_champion', true).passed).toBe(true);
  });

  it('lets a candidate be 2 % worse than the champion and no more', () => {
    expect(judge(evaluation(), { candidateWape: 0.408, championWape: 0.4 }, true).passed).toBe(true);
    expect(failed(judge(evaluation(), { candidateWape: 0.409, championWape: 0.4 }, true))).toEqual([
      'wape_against_champion',
    ]);
    expect(failed(judge(evaluation(), { candidateWape: 0.1, championWape: 0 }, true))).toEqual([
      'wape_against_champion',
    ]);
  });

  it.each([
    [{ bias: 0.26 }, 'bias'],
    [{ bias: -0.26 }, 'bias'],
    [{ bias: null }, 'bias'],
    [{ wape: 0.6 }, 'better_than_seasonal_naive'],
    [{ coverage: 0.749 }, 'coverage'],
    [{ coverage: 0.851 }, 'coverage'],
    [{ coverage: null }, 'coverage'],
  ])('refuses %p', (values, name) => {
    expect(failed(judge(evaluation(values), 'no_champion', true))).toEqual([name]);
  });

  it('refuses a forecast with impossible values, and a model that could not be judged at all', () => {
    expect(failed(judge(evaluation(), 'no_champion', false))).toEqual(['sound_values']);
    expect(failed(judge(null, 'no_champion', true))).toEqual(['bias', 'better_than_seasonal_naive', 'coverage']);
  });

  it('says why there was nothing to compare, and follows the rules it is given', () => {
    const [check] = judge(evaluation(), 'is_champion', true).checks;
    expect(check).toMatchObject({ name: 'wape_against_champion', value: null, passed: true });
    expect(check.requirement).toContain('the champion itself');
    const strict = { mostWapeRatio: 1, mostBias: 0.005, coverage: [0.81, 0.9] } as const;
    expect(failed(judgeBy(evaluation(), { candidateWape: 0.401, championWape: 0.4 }, true, strict))).toEqual([
      'wape_against_champion',
      'bias',
      'coverage',
    ]);
  });
});

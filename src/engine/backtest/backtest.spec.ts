import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { truncatePanel } from '../series/truncate.ts';
import { actualsAfter, planAfter, withSharedMembers, type Fold } from './fold.ts';
import { planBacktest } from './plan.ts';

describe('planBacktest', () => {
  it('puts folds before the hold-out, side by side', () => {
    const plan = planBacktest(730, 'daily', 30, 28);
    expect(plan).toEqual({ periods: 30, validationOrigins: [640, 670], holdOutOrigin: 700 });
  });
  it('lets the folds reach to the end where nothing is held out', () => {
    const plan = planBacktest(1913, 'daily', 0, 28);
    expect(plan).toEqual({ periods: 28, validationOrigins: [1857, 1885], holdOutOrigin: 1913 });
  });
  it('holds out less of a short history and nothing of a few weeks', () => {
    expect(planBacktest(60, 'daily', 30, 28)).toEqual({ periods: 15, validationOrigins: [30], holdOutOrigin: 45 });
    expect(planBacktest(27, 'daily', 30, 28).periods).toBe(0);
    expect(planBacktest(10, 'daily', 30, 28).validationOrigins).toEqual([]);
  });
  it('takes more folds where they are short', () => {
    expect(planBacktest(104, 'weekly', 0, 4).validationOrigins).toEqual([88, 92, 96, 100]);
    expect(planBacktest(60, 'monthly', 0, 12).validationOrigins).toEqual([36, 48]);
  });
  it.each([28, 40, 100, 121, 365, 1941])(
    'never lets the folds of %i days overlap or start at nothing',
    (periodCount) => {
      const plan = planBacktest(periodCount, 'daily', 30, 28);
      const cuts = [...plan.validationOrigins, plan.holdOutOrigin, periodCount];
      expect(cuts[0]).toBeGreaterThanOrEqual(plan.periods);
      for (let i = 1; i < cuts.length; i++) expect(cuts[i] - cuts[i - 1]).toBe(plan.periods);
    },
  );
});

describe('folds of models that saw more and less', () => {
  it('are compared by the members all of them have', () => {
    const fold = (names: string[]) =>
      ({
        members: { names, means: names.map((name) => Float32Array.of(name.length)), ownWeight: new Float32Array(1) },
      }) as unknown as Fold;
    const shared = withSharedMembers([fold(['ets', 'theta']), fold(['boosted', 'ets', 'theta'])]);
    for (const { members } of shared) {
      expect(members.names).toEqual(['ets', 'theta']);
      expect(members.means.map(([first]) => first)).toEqual([3, 5]);
    }
    const alike = [fold(['ets']), fold(['ets'])];
    expect(withSharedMembers(alike)).toBe(alike);
  });
});

describe('what came after an origin', () => {
  const panel = demandPanel({ days: 50 });
  it('is the sales, without days out of stock', () => {
    const inStock = new Uint8Array(panel.sales.length).fill(1);
    inStock[50 + 42] = 0;
    const actual = actualsAfter({ ...panel, inStock }, 40, 5);
    expect(actual[0]).toBe(panel.sales[40]);
    expect(actual[5 + 2]).toBeNaN();
    expect(actual[5 + 3]).toBe(panel.sales[50 + 43]);
  });
  it('is not in the truncated panel', () => {
    expect(truncatePanel(panel, 40).sales).toHaveLength(panel.seriesCount * 40);
  });
  it('holds the prices a planner would have known', () => {
    const price = panel.sales.map((_, i) => i);
    expect([...(planAfter({ ...panel, price }, 48, 2).price ?? [])].slice(0, 4)).toEqual([48, 49, 98, 99]);
  });
});

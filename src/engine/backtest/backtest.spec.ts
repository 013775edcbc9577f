import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { truncatePanel } from '../series/truncate.ts';
import { actualsAfter, planAfter } from './fold.ts';
import { planBacktest } from './plan.ts';

describe('planBacktest', () => {
  it('puts folds before the hold-out, side by side', () => {
    expect(planBacktest(730, 30)).toEqual({ days: 30, validationOrigins: [640, 670], holdOutOrigin: 700 });
  });
  it('holds out less of a short history and nothing of a few weeks', () => {
    expect(planBacktest(60, 30)).toEqual({ days: 15, validationOrigins: [30], holdOutOrigin: 45 });
    expect(planBacktest(27, 30).days).toBe(0);
    expect(planBacktest(10, 30).validationOrigins).toEqual([]);
  });
  it.each([28, 40, 100, 121, 365, 1941])(
    'never lets the folds of %i days overlap or start at nothing',
    (periodCount) => {
      const plan = planBacktest(periodCount, 30);
      const cuts = [...plan.validationOrigins, plan.holdOutOrigin, periodCount];
      expect(cuts[0]).toBeGreaterThanOrEqual(plan.days);
      for (let i = 1; i < cuts.length; i++) expect(cuts[i] - cuts[i - 1]).toBe(plan.days);
    },
  );
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

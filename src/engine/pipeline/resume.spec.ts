import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { CancelledError } from '../errors.ts';
import { truncatePanel } from '../series/truncate.ts';
import { trainForecaster } from './train.ts';
import { trainingRows } from './training-rows.ts';
import type { TrainOptions } from './types.ts';

const OPTIONS: TrainOptions = { budget: 'quick', seed: 3, horizon: 14 };
const panel = () => demandPanel({ products: 6, locations: 3, days: 300 });

describe('a training that is interrupted', () => {
  it('goes on from the fits that were done and gives the same model to the bit', () => {
    const texts = new Map<string, string>();
    const whole = trainForecaster(panel(), [], OPTIONS, { onFitted: (name, text) => texts.set(name, text) });
    expect(texts.size).toBe(3);

    const first = new Map([...texts].slice(0, 1));
    const fits: string[] = [];
    const resumed = trainForecaster(panel(), [], OPTIONS, { fitted: first, onFitted: (name) => fits.push(name) });
    expect(fits).toEqual([...texts.keys()].slice(1));
    expect(resumed.model).toBe(whole.model);
    expect(resumed.forecast.mean).toEqual(whole.forecast.mean);
    expect(resumed.evaluation).toEqual(whole.evaluation);
  });

  it('has told of the fits before the interruption', () => {
    const done: string[] = [];
    const hooks = { onFitted: (name: string) => void done.push(name), isCancelled: () => done.length === 1 };
    expect(() => trainForecaster(panel(), [], OPTIONS, hooks)).toThrow(CancelledError);
    expect(done).toHaveLength(1);
  });
});

describe('the rows a model learns from', () => {
  const whole = trainingRows(panel(), [], OPTIONS, 300, () => true);

  it('are the same in parts as in one', () => {
    const parts = [0, 1, 2].map((part) => trainingRows(panel(), [], OPTIONS, 300, (s) => s % 3 === part));
    expect(parts.reduce((sum, { series }) => sum + series.length, 0)).toBe(whole.series.length);
    for (const { series, target, columns, units } of parts) {
      const row = series.length >> 1;
      const at = whole.series.findIndex((s, i) => s === series[row] && whole.target[i] === target[row]);
      expect(columns.map((column) => column[row])).toEqual(whole.columns.map((column) => column[at]));
      expect(units[row]).toBe(whole.units[at]);
    }
  });

  it('do not change when later sales come in', () => {
    const long = panel();
    const early = trainingRows(truncatePanel(long, 240), [], { ...OPTIONS, holdOutPeriods: 0 }, 240, () => true);
    const later = trainingRows(long, [], { ...OPTIONS, holdOutPeriods: 0 }, 240, () => true);
    expect(later).toEqual(early);
    for (let s = 0; s < long.seriesCount; s++) long.sales.fill(1e6, s * 300 + 240, (s + 1) * 300);
    expect(trainingRows(long, [], { ...OPTIONS, holdOutPeriods: 0 }, 240, () => true)).toEqual(early);
  });
});

import { describe, expect, it } from '@jest/globals';
import { driftOf } from './drift.ts';
import type { LiveAccuracy } from './live-accuracy.ts';

const live = (more: Partial<LiveAccuracy>): LiveAccuracy => ({
  count: 100,
  units: 500,
  wape: 0.4,
  bias: 0.01,
  mae: 2,
  rmse: 3,
  coverage: 0.8,
  pinball: 1,
  ...more,
});

describe('drift', () => {
  it.each([
    ['as good as on the days held out', live({}), 14, 0.4, 0],
    ['a little worse', live({ wape: 0.49 }), 14, 0.4, 0],
    ['much worse', live({ wape: 0.51 }), 14, 0.4, 1],
    ['biased up', live({ bias: 0.26 }), 14, 0.4, 1],
    ['biased down', live({ bias: -0.26 }), 14, 0.4, 1],
    ['both', live({ wape: 0.9, bias: 0.8 }), 14, 0.4, 2],
    ['too few days', live({ wape: 0.9 }), 6, 0.4, 0],
    ['nothing to compare with', live({ wape: 0.9 }), 14, null, 0],
    ['nothing seen', undefined, 14, 0.4, 0],
  ])('%s', (_, measures, days, holdOut, reasons) => {
    expect(driftOf(measures, days, holdOut)).toHaveLength(reasons);
  });
});

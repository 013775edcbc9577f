import { describe, expect, it } from '@jest/globals';
import { DEFAULT_ROLLOUT } from '../../platform/config/index.ts';
import { decide, LiveMeasures, nextStage } from './decision.ts';

const good = { wape: 0.4, bias: 0.02, coverage: 0.8, latencyMs: 1000 };
const measured = (candidate: Partial<LiveMeasures['candidate']>, more: Partial<LiveMeasures> = {}): LiveMeasures => ({
  days: 3,
  series: 10,
  units: 500,
  candidate: { ...good, ...candidate },
  champion: good,
  ...more,
});

describe('a rollout', () => {
  it.each([
    ['too few days', measured({}, { days: 1 }), 'wait'],
    ['too few series', measured({ wape: 0.9 }, { series: 4 }), 'wait'],
    ['nothing measured', measured({ wape: null }), 'wait'],
    ['all well', measured({}), 'advance'],
    ['a little worse, within the noise of few days', measured({ wape: 0.415 }), 'advance'],
    ['WAPE', measured({ wape: 0.43 }), 'roll_back'],
    ['too much forecast', measured({ bias: 0.3 }), 'roll_back'],
    ['too little forecast', measured({ bias: -0.3 }), 'roll_back'],
    ['intervals too narrow', measured({ coverage: 0.5 }), 'roll_back'],
    ['intervals too wide', measured({ coverage: 0.99 }), 'roll_back'],
    ['too slow', measured({ latencyMs: 3001 }), 'roll_back'],
    [
      'days that are bad for both',
      measured({ bias: 0.4, coverage: 1 }, { champion: { ...good, bias: 0.4, coverage: 1 } }),
      'advance',
    ],
    ['a champion that cannot be measured', measured({}, { champion: { ...good, wape: null } }), 'advance'],
  ])('with %s', (_, measures, action) => {
    expect(decide(measures, DEFAULT_ROLLOUT).action).toBe(action);
  });

  it('names every breach', () => {
    expect(decide(measured({ wape: 0.8, bias: 0.5 }), DEFAULT_ROLLOUT).reason).toBe(
      "WAPE 0.800 against the champion's 0.400; bias 0.500",
    );
  });

  it('goes from shadow over 5 and 25 percent to everything', () => {
    expect([-1, 0, 0.05, 0.25, 1].map((share) => nextStage(share).share)).toEqual([0, 0.05, 0.25, 1, 1]);
  });
});

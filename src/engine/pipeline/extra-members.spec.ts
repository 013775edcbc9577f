import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { forecastFold, type Fold } from '../backtest/fold.ts';
import { learnLessons } from '../backtest/lessons.ts';
import { combineMembers } from '../ensemble/combine.ts';
import { BIAS_WEIGHT } from '../ensemble/weights.ts';
import { InvalidInputError } from '../errors.ts';
import { createRng } from '../rng.ts';
import { truncatePanel } from '../series/truncate.ts';
import { joinFolds, joiningMembers, joinMembers } from './extra-members.ts';
import type { FittedBoosters } from './fitted.ts';
import { openOrigin } from './origin.ts';
import type { ExtraMember } from './types.ts';

const { abs } = Math;
const DAYS = 14;
const CUTS = [146, 160];
const SERIES = 24;
const UNBOOSTED: FittedBoosters = {
  boosters: [],
  logBoosters: [],
  aggregateBoosters: [],
  availability: {
    frequency: 'daily',
    price: false,
    promotion: false,
    events: false,
    knownPrice: false,
    knownPromotion: false,
    covariates: [],
    attributes: [],
  },
  vocabulary: [],
  horizon: DAYS,
};
const panel = {
  ...demandPanel({ products: 12, locations: 2, days: 174, mean: (p, l, d) => 2 + p + 3 * l + 4 * ((d * 5) % 11) }),
  lastPeriod: Int32Array.from({ length: SERIES }, (_, s) => (s === 3 ? 120 : 173)),
};
const folds: Fold[] = CUTS.map((cut) =>
  forecastFold(panel, openOrigin(truncatePanel(panel, cut), [], [], null, 0), UNBOOSTED, DAYS),
);
const member = (name: string, meanOf: (fold: Fold) => Float32Array): ExtraMember => ({
  name,
  meansAt: new Map(folds.map((fold) => [fold.origin.panel.periodCount, meanOf(fold)])),
});
const insight = member('insight', ({ actual }) => {
  const rng = createRng(5);
  return actual.map((y) => y * (0.8 + 0.4 * rng()));
});
const noise = member('noise', ({ actual }) => actual.map((_, i) => (i * 7919) % 400));

/** What the weights minimise, over the folds. */
function lossOf(forecasts: readonly Float32Array[]): number {
  let absolute = 0;
  let bias = 0;
  folds.forEach(({ actual }, f) => {
    for (let i = 0; i < actual.length; i++) {
      if (!(actual[i] >= 0)) continue;
      absolute += abs(actual[i] - forecasts[f][i]);
      bias += actual[i] - forecasts[f][i];
    }
  });
  return absolute + BIAS_WEIGHT * abs(bias);
}

describe('extra members', () => {
  const [{ origin, members }] = folds;

  it('earn their weight on the folds, where the ensemble is then no worse than any member', () => {
    const joined = joinFolds(folds, [insight, noise]);
    const { weights } = learnLessons(joined, []);
    const combined = joined.map((fold) =>
      combineMembers(fold.members.names, fold.members.means, weights, fold.origin.segmentOf, DAYS),
    );
    const alone = joined[0].members.names.map((_, m) => lossOf(joined.map((fold) => fold.members.means[m])));
    expect(lossOf(combined)).toBeLessThanOrEqual(Math.min(...alone));
    for (const segment of weights) {
      expect(segment.weights.every((weight) => weight >= 0)).toBe(true);
      expect(segment.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10);
    }
    const { members: names, weights: shares } = weights[origin.segmentOf[0]];
    expect(shares[names.indexOf('insight')]).toBeGreaterThan(0.8);
    expect(shares[names.indexOf('noise')]).toBe(0);
  });

  it('take the mean of the others where they forecast nothing, and nothing where the series has ended', () => {
    const gappy = member('gappy', ({ actual }) => actual.map((_, i) => (i < DAYS ? 2 : [NaN, -1, Infinity, 5][i % 4])));
    const joined = joinMembers(members, origin, [gappy], DAYS);
    expect(joined.names).toEqual([...members.names, 'gappy']);
    expect(joined.means.slice(0, -1)).toEqual(members.means);
    const mean = joined.means[joined.means.length - 1];
    const others = members.means.filter((_, m) => members.names[m] !== 'cold_start');
    expect([...mean.subarray(0, DAYS)]).toEqual(new Array(DAYS).fill(2));
    for (const i of [DAYS + 2, DAYS + 3, DAYS + 4])
      expect(mean[i]).toBeCloseTo(others.reduce((sum, other) => sum + other[i], 0) / others.length, 4);
    expect([...mean.subarray(3 * DAYS, 4 * DAYS)]).toEqual(new Array(DAYS).fill(0));
    expect(gappy.meansAt.get(CUTS[0])?.[3 * DAYS + 1]).toBe(5);
  });

  it('join only what they can be weighed for', () => {
    const atEnd = { ...insight, meansAt: new Map([...insight.meansAt, [174, new Float32Array(SERIES * DAYS)]]) };
    expect(joiningMembers([insight, atEnd], folds, 174)).toEqual([atEnd]);
    expect(joiningMembers([insight, atEnd], folds.slice(0, 1), CUTS[1])).toEqual([insight, atEnd]);
    expect(joiningMembers([{ ...atEnd, meansAt: new Map([[174, noise.meansAt.get(146)!]]) }], folds, 174)).toEqual([]);
    expect(joiningMembers([atEnd], [], 174)).toEqual([]);
    expect(joinFolds(folds, [])).toBe(folds);
  });

  it('need a name of their own and a mean for every series and period', () => {
    const join = (extra: ExtraMember) => () => joinMembers(members, origin, [extra], DAYS);
    expect(join({ ...insight, name: 'theta' })).toThrow(InvalidInputError);
    expect(join({ name: 'short', meansAt: new Map([[CUTS[0], new Float32Array(5)]]) })).toThrow(/short has 5 means/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '../errors.ts';
import { bias, mase, wape, weightedQuantileLoss } from '../metrics/index.ts';
import { createRng } from '../rng.ts';
import { leaderboard, naiveScales, type LeaderboardFold } from './leaderboard.ts';

const ROWS = 6;
const HORIZON = 4;
const LENGTH = 20;
const LEVELS = [0.1, 0.5, 0.9];
const SEGMENTS = ['smooth', 'lumpy'];

function foldOf(seed: number): LeaderboardFold & { readonly history: Float64Array } {
  const rng = createRng(seed);
  const draw = (count: number) => Float64Array.from({ length: count }, () => Math.floor(9 * rng()));
  const history = draw(ROWS * LENGTH);
  const actual = draw(ROWS * HORIZON);
  actual[5] = NaN;
  const near = actual.map((y) => (Number.isNaN(y) ? 3 : y) + rng());
  const quantiles = LEVELS.map((level) => near.map((value) => value + level - 0.5));
  return {
    history,
    horizon: HORIZON,
    actual,
    scale: naiveScales(history, LENGTH, 1),
    segmentOf: Uint8Array.of(0, 1, 0, 1, 0, 1),
    levels: LEVELS,
    members: [
      { name: 'far', mean: draw(ROWS * HORIZON) },
      { name: 'near', mean: near, quantiles },
      { name: 'twin', mean: near },
    ],
  };
}
const folds = [foldOf(1), foldOf(2)];
const board = leaderboard(folds, SEGMENTS);
const find = (member: string, fold: number | null, segment: string | null) =>
  board.find((score) => score.member === member && score.fold === fold && score.segment === segment);

describe('leaderboard', () => {
  it('has one score for every member and part, in a fixed order', () => {
    expect(board).toHaveLength(3 * 3 * 3);
    expect(board.slice(0, 3).map(({ member, rank, fold, segment }) => [member, rank, fold, segment])).toEqual([
      ['near', 1, null, null],
      ['twin', 1, null, null],
      ['far', 3, null, null],
    ]);
    expect(board.slice(3).map(({ fold, segment }) => `${fold} ${segment}`)[0]).toBe('null smooth');
    expect(leaderboard(folds, SEGMENTS)).toEqual(board);
  });

  it('takes its measures from pooled sums', () => {
    const known = (values: ArrayLike<number>, f: number) =>
      Array.from(values).filter((_, i) => !Number.isNaN(folds[f].actual[i]));
    const pool = (of: (fold: LeaderboardFold) => ArrayLike<number>) => folds.flatMap((fold, f) => known(of(fold), f));
    const actual = pool((fold) => fold.actual);
    const near = pool((fold) => fold.members[1].mean);
    const score = find('near', null, null);
    expect(score?.count).toBe(46);
    expect(score?.wape).toBeCloseTo(wape(actual, near) ?? NaN, 12);
    expect(score?.bias).toBeCloseTo(bias(actual, near) ?? NaN, 12);
    const losses = LEVELS.map((level, q) =>
      weightedQuantileLoss(
        actual,
        pool((fold) => fold.members[1].quantiles?.[q] ?? []),
        level,
      ),
    );
    expect(score?.wql).toBeCloseTo(losses.reduce<number>((sum, loss) => sum + (loss ?? NaN), 0) / 3, 12);
    expect(find('twin', null, null)?.wql).toBeNull();
  });

  it('averages MASE over the rows of a segment', () => {
    const [fold] = folds;
    const rows = [0, 2, 4].map((row) => {
      const cut = (values: ArrayLike<number>) => Array.from(values).slice(row * HORIZON, (row + 1) * HORIZON);
      const past = Array.from(fold.history).slice(row * LENGTH, (row + 1) * LENGTH);
      return mase(cut(fold.actual), cut(fold.members[0].mean), past, 1) ?? NaN;
    });
    expect(find('far', 0, 'smooth')?.mase).toBeCloseTo(rows.reduce((sum, value) => sum + value, 0) / 3, 12);
  });

  it('says nothing where nothing is known, and refuses folds of other members', () => {
    const blind = { ...folds[0], actual: new Float64Array(ROWS * HORIZON).fill(NaN) };
    expect(leaderboard([blind], SEGMENTS)[0]).toMatchObject({
      member: 'far',
      count: 0,
      wape: null,
      mase: null,
      rank: null,
    });
    const fewer = { ...folds[1], members: folds[1].members.slice(1) };
    expect(() => leaderboard([folds[0], fewer], SEGMENTS)).toThrow(InvalidInputError);
    expect(leaderboard([], SEGMENTS)).toEqual([]);
    expect(naiveScales([NaN, 1, 3, 2], 4, 1)[0]).toBe(1.5);
    expect(naiveScales([NaN, 1], 2, 1)[0]).toBeNaN();
  });
});

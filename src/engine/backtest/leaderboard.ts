import { InvalidInputError } from '../errors.ts';
import { pinballLoss, seasonalNaiveError, type Measure } from '../metrics/index.ts';

/** What one member forecast at one origin. */
export interface MemberForecast {
  readonly name: string;
  /** Expected units, `[rows * horizon]`. */
  readonly mean: ArrayLike<number>;
  /** One array per level of the fold; absent for a member that forecasts means alone. */
  readonly quantiles?: readonly ArrayLike<number>[];
}

/** Forecasts of several members at one origin, and what came. */
export interface LeaderboardFold {
  readonly horizon: number;
  /** Units `[rows * horizon]`; NaN where they say nothing. */
  readonly actual: ArrayLike<number>;
  /** Per row the in-sample error that scales MASE, see {@link naiveScales}; NaN or 0 leaves the row out of MASE. */
  readonly scale: ArrayLike<number>;
  /** Segment of each row, index into the segment names. */
  readonly segmentOf: ArrayLike<number>;
  /** Levels of the quantiles. */
  readonly levels: readonly number[];
  readonly members: readonly MemberForecast[];
}

/** Accuracy of one member on one part of the backtest. */
export interface LeaderboardScore {
  readonly member: string;
  /** Index of the fold; null for all together. */
  readonly fold: number | null;
  /** Name of the segment; null for all together. */
  readonly segment: string | null;
  /** Known periods of rows. */
  readonly count: number;
  readonly wape: Measure;
  /** Mean over the rows that have a scale. */
  readonly mase: Measure;
  /** Above 0: too much was forecast. */
  readonly bias: Measure;
  /** Mean weighted quantile loss of the levels; null for a member without quantiles. */
  readonly wql: Measure;
  /** 1 for the least WAPE of the members on the same part; equal ones share the better rank. Null without WAPE. */
  readonly rank: number | null;
}

/** Sums from which the ratios of one part are taken once, so that percentages are never averaged. */
interface Sums {
  count: number;
  absolute: number;
  actual: number;
  surplus: number;
  pinball: number;
  scaled: number;
  scaledRows: number;
}

/** In-sample mean absolute error of the naive forecast `season` periods back, per row. @param history `[rows * length]` */
export function naiveScales(history: ArrayLike<number>, length: number, season: number): Float64Array {
  return Float64Array.from({ length: history.length / length }, (_, row) => {
    const known: number[] = [];
    for (let i = row * length; i < (row + 1) * length; i++) if (!Number.isNaN(history[i])) known.push(history[i]);
    return seasonalNaiveError(known, season) ?? NaN;
  });
}

/**
 * Ranks members over rolling origins: one score for every member, fold and segment, and for all folds or all segments
 * together. Every member is judged on the same periods. Ordered by fold (all first), segment (all first), rank, then the
 * order in which the members were given, so that equal results stay in place.
 * @param segments names in the order of their numbers
 * @throws InvalidInputError if the folds do not have the same members
 */
export function leaderboard(folds: readonly LeaderboardFold[], segments: readonly string[]): LeaderboardScore[] {
  const names = folds[0]?.members.map((member) => member.name) ?? [];
  for (const { members } of folds)
    if (members.length !== names.length || members.some((member, m) => member.name !== names[m]))
      throw new InvalidInputError('Every fold must have the same members in the same order');
  const table = folds.map((fold) => fold.members.map((member) => sumsBySegment(fold, member, segments.length)));
  const scores: LeaderboardScore[] = [];
  const foldChoices = [null, ...folds.keys()];
  const segmentChoices = [null, ...segments.keys()];
  for (const fold of foldChoices)
    for (const segment of segmentChoices) {
      const part = names.map((member, m) => {
        const chosen = table
          .filter((_, f) => fold === null || f === fold)
          .flatMap((members) => members[m].filter((__, s) => segment === null || s === segment));
        const probabilistic = folds.every(({ members }) => members[m].quantiles !== undefined);
        const levels = probabilistic ? (folds[0]?.levels.length ?? 0) : 0;
        return scoreOf(
          member,
          fold,
          segment === null ? null : segments[segment],
          chosen.reduce(add, nothing()),
          levels,
        );
      });
      scores.push(...ranked(part));
    }
  return scores;
}

function sumsBySegment(fold: LeaderboardFold, member: MemberForecast, segmentCount: number): Sums[] {
  const { horizon, actual, scale, segmentOf, levels } = fold;
  const sums = Array.from({ length: segmentCount }, nothing);
  for (let row = 0; row < segmentOf.length; row++) {
    const own = sums[segmentOf[row]];
    let absolute = 0;
    let count = 0;
    for (let i = row * horizon; i < (row + 1) * horizon; i++) {
      const y = actual[i];
      if (Number.isNaN(y)) continue;
      count++;
      absolute += Math.abs(y - member.mean[i]);
      own.actual += y;
      own.surplus += member.mean[i] - y;
      if (member.quantiles)
        for (let q = 0; q < levels.length; q++) own.pinball += pinballLoss(y, member.quantiles[q][i], levels[q]);
    }
    own.count += count;
    own.absolute += absolute;
    if (count > 0 && scale[row] > 0) {
      own.scaled += absolute / count / scale[row];
      own.scaledRows++;
    }
  }
  return sums;
}

function scoreOf(
  member: string,
  fold: number | null,
  segment: string | null,
  sums: Sums,
  levels: number,
): LeaderboardScore {
  const ratio = (value: number, by: number): Measure => (by > 0 ? value / by : null);
  return {
    member,
    fold,
    segment,
    count: sums.count,
    wape: ratio(sums.absolute, sums.actual),
    mase: ratio(sums.scaled, sums.scaledRows),
    bias: ratio(sums.surplus, sums.actual),
    wql: levels > 0 ? ratio(2 * sums.pinball, sums.actual * levels) : null,
    rank: null,
  };
}

function ranked(part: readonly LeaderboardScore[]): LeaderboardScore[] {
  const better = (a: LeaderboardScore, b: LeaderboardScore) => (a.wape ?? Infinity) < (b.wape ?? Infinity);
  return part
    .map((score) => ({
      ...score,
      rank: score.wape === null ? null : 1 + part.filter((other) => better(other, score)).length,
    }))
    .sort((a, b) => (a.rank ?? part.length + 1) - (b.rank ?? part.length + 1));
}

function nothing(): Sums {
  return { count: 0, absolute: 0, actual: 0, surplus: 0, pinball: 0, scaled: 0, scaledRows: 0 };
}

function add(a: Sums, b: Sums): Sums {
  return {
    count: a.count + b.count,
    absolute: a.absolute + b.absolute,
    actual: a.actual + b.actual,
    surplus: a.surplus + b.surplus,
    pinball: a.pinball + b.pinball,
    scaled: a.scaled + b.scaled,
    scaledRows: a.scaledRows + b.scaledRows,
  };
}

import { combineMembers } from '../ensemble/combine.ts';
import { SEGMENTS } from '../ensemble/segments.ts';
import { seasonalNaiveError } from '../metrics/index.ts';
import { alignMeans } from '../pipeline/assemble.ts';
import type { Lessons } from '../pipeline/fitted.ts';
import { TRAITS } from '../series/frequency.ts';
import type { Fold } from './fold.ts';
import { leaderboard, type LeaderboardScore } from './leaderboard.ts';

/** Name of the weighted and aligned combination among the members. */
export const ENSEMBLE = 'ensemble';

/**
 * Ranks the members and their ensemble over the folds, by segment and in all. The ensemble's weights were learned on the
 * same folds, which flatters it a little; a hold-out tells what to expect.
 */
export function rankFolds(folds: readonly Fold[], lessons: Lessons): LeaderboardScore[] {
  return leaderboard(
    folds.map((fold) => {
      const { members, origin, sums, days, actual } = fold;
      const combined = combineMembers(members.names, members.means, lessons.weights, origin.segmentOf, days);
      const ensemble = alignMeans(origin, combined, sums, lessons.exponents, days);
      return {
        horizon: days,
        actual,
        scale: scalesAt(fold),
        segmentOf: origin.segmentOf,
        levels: [],
        members: [
          { name: ENSEMBLE, mean: ensemble },
          ...members.names.map((name, m) => ({ name, mean: members.means[m] })),
        ],
      };
    }),
    SEGMENTS,
  );
}

/** In-sample error of the seasonal naive forecast per series. */
function scalesAt({ origin: { panel, observed } }: Fold): Float64Array {
  const { season } = TRAITS[panel.frequency ?? 'daily'];
  return Float64Array.from({ length: panel.seriesCount }, (_, s) => {
    const from = s * panel.periodCount;
    const history = panel.sales.subarray(from, from + panel.periodCount).filter((_y, t) => observed[from + t] === 1);
    return seasonalNaiveError(history, season) ?? NaN;
  });
}

import { combineMembers } from '../ensemble/combine.ts';
import { SEGMENTS } from '../ensemble/segments.ts';
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

/** In-sample error of the seasonal naive forecast per series, over the periods whose season before was observed too. */
function scalesAt({ origin: { panel, observed } }: Fold): Float64Array {
  const { sales, periodCount, seriesCount } = panel;
  const { season } = TRAITS[panel.frequency ?? 'daily'];
  const scales = new Float64Array(seriesCount).fill(NaN);
  for (let s = 0; s < seriesCount; s++) {
    let sum = 0;
    let count = 0;
    for (let i = s * periodCount + season; i < (s + 1) * periodCount; i++) {
      if (observed[i] === 0 || observed[i - season] === 0) continue;
      const error = sales[i] - sales[i - season];
      sum += error < 0 ? -error : error;
      count++;
    }
    if (count > 0) scales[s] = sum / count;
  }
  return scales;
}

import type { Evaluation } from '../../engine/index.ts';
import type { GateRules } from '../../platform/config/index.ts';

/** One condition of the gate and how the candidate stands to it. Null `value`: it could not be measured. */
export interface GateCheck {
  readonly name: 'wape_against_champion' | 'bias' | 'better_than_seasonal_naive' | 'coverage' | 'sound_values';
  readonly value: number | null;
  /** What the value is compared with, in words. */
  readonly requirement: string;
  readonly passed: boolean;
}

/** Whether a trained model may replace the champion, and why. */
export interface GateVerdict {
  readonly passed: boolean;
  readonly checks: readonly GateCheck[];
}

/** Candidate and champion over the held-out days of both. */
export interface ChampionComparison {
  readonly candidateWape: number;
  readonly championWape: number;
  /** The champion's version; absent of models from before it was kept, like the numbers of series. */
  readonly championVersion?: string;
  /** Series with less, more and as much absolute error as the champion's. */
  readonly seriesBetter?: number;
  readonly seriesWorse?: number;
  readonly seriesEqual?: number;
}

/** Why there is nothing to compare: no champion yet, the candidate is the champion, or too few days are held out by both. */
export type Incomparable = 'no_champion' | 'is_champion' | 'too_few_days';

const NOTHING_TO_COMPARE: Readonly<Record<Incomparable, string>> = {
  no_champion: 'there is no champion yet',
  is_champion: 'it is the champion itself, to the bit',
  too_few_days: 'the champion was not judged on these days',
};

function ratio(comparison: ChampionComparison): number {
  if (comparison.championWape > 0) return comparison.candidateWape / comparison.championWape;
  return comparison.candidateWape > 0 ? Infinity : 1;
}

/**
 * Judges a candidate on its hold-out: WAPE hardly above the champion's on the same days, a bounded bias, WAPE below the
 * seasonal naive forecast's, about 80 % of the actuals inside P10..P90, and nothing negative or not a number among what it
 * would publish. What cannot be measured fails, but for the comparison with a champion that was never judged on the same
 * days; then the requirement says why.
 * @param sound whether every value of the forecast to publish is a non-negative number
 */
export function judge(
  evaluation: Evaluation | null,
  comparison: ChampionComparison | Incomparable,
  sound: boolean,
  rules: GateRules,
): GateVerdict {
  const { wape = null, bias = null, coverage = null } = evaluation?.ensemble ?? {};
  const naive = evaluation?.seasonalNaiveWape ?? null;
  const checks: GateCheck[] = [
    {
      name: 'wape_against_champion',
      value: typeof comparison === 'string' ? null : ratio(comparison),
      requirement:
        `at most ${rules.mostWapeRatio} times the champion's on the days both held out` +
        (typeof comparison === 'string' ? `; ${NOTHING_TO_COMPARE[comparison]}` : ''),
      passed: typeof comparison === 'string' || ratio(comparison) <= rules.mostWapeRatio,
    },
    {
      name: 'bias',
      value: bias,
      requirement: `between -${rules.mostBias} and ${rules.mostBias}`,
      passed: bias !== null && Math.abs(bias) <= rules.mostBias,
    },
    {
      name: 'better_than_seasonal_naive',
      value: wape,
      requirement: `below the seasonal naive forecast's WAPE of ${naive ?? 'unknown'}`,
      passed: wape !== null && naive !== null && wape < naive,
    },
    {
      name: 'coverage',
      value: coverage,
      requirement: `between ${rules.coverage[0]} and ${rules.coverage[1]}`,
      passed: coverage !== null && coverage >= rules.coverage[0] && coverage <= rules.coverage[1],
    },
    {
      name: 'sound_values',
      value: null,
      requirement: 'no negative value and none that is not a number',
      passed: sound,
    },
  ];
  return { passed: checks.every(({ passed }) => passed), checks };
}

import type { Evaluation } from '../../engine/index.ts';

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

/** The candidate may be so much worse than the champion in WAPE: less is noise of the hold-out. */
const WAPE_TOLERANCE = 1.02;
const GREATEST_BIAS = 0.25;
const COVERAGE = [0.75, 0.85] as const;

/** WAPE of candidate and champion over the held-out days of both; null where they have too few days in common. */
export interface ChampionComparison {
  readonly candidateWape: number;
  readonly championWape: number;
}

function ratio(comparison: ChampionComparison): number {
  if (comparison.championWape > 0) return comparison.candidateWape / comparison.championWape;
  return comparison.candidateWape > 0 ? Infinity : 1;
}

/**
 * Judges a candidate on its hold-out: WAPE at most 2 % above the champion's on the same days, absolute bias at most 25 %,
 * WAPE below the seasonal naive forecast's, 75–85 % of the actuals inside P10..P90, and nothing negative or not a number
 * among what it would publish. What cannot be measured fails, but for the comparison with a champion that was never
 * judged on the same days.
 * @param sound whether every value of the forecast to publish is a non-negative number
 */
export function judge(
  evaluation: Evaluation | null,
  comparison: ChampionComparison | null,
  sound: boolean,
): GateVerdict {
  const { wape = null, bias = null, coverage = null } = evaluation?.ensemble ?? {};
  const naive = evaluation?.seasonalNaiveWape ?? null;
  const checks: GateCheck[] = [
    {
      name: 'wape_against_champion',
      value: comparison && ratio(comparison),
      requirement: `at most ${WAPE_TOLERANCE} times the champion's on the days both held out`,
      passed: comparison === null || ratio(comparison) <= WAPE_TOLERANCE,
    },
    {
      name: 'bias',
      value: bias,
      requirement: `between -${GREATEST_BIAS} and ${GREATEST_BIAS}`,
      passed: bias !== null && Math.abs(bias) <= GREATEST_BIAS,
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
      requirement: `between ${COVERAGE[0]} and ${COVERAGE[1]}`,
      passed: coverage !== null && coverage >= COVERAGE[0] && coverage <= COVERAGE[1],
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

import type { RolloutRules } from '../../platform/config/index.ts';

/** How one version did on the days since a rollout reached its stage. Null where it cannot be measured. */
export interface ArmMeasures {
  readonly wape: number | null;
  readonly bias: number | null;
  /** Share of the actuals inside P10..P90. */
  readonly coverage: number | null;
  /** Time one forecast of everything took, ms. */
  readonly latencyMs: number | null;
}

/** Both versions on the same days of the same series. */
export interface LiveMeasures {
  /** Days with actuals since the stage began. */
  readonly days: number;
  readonly series: number;
  readonly units: number;
  readonly candidate: ArmMeasures;
  readonly champion: ArmMeasures;
}

/** So much worse than the champion, in bias or in coverage, a breach must be. */
const SLACK = 0.02;

/** What P10..P90 shall contain. */
const NOMINAL_COVERAGE = 0.8;

/** Stages of a rollout with the share of the products that the candidate forecasts. */
export const ROLLOUT_STAGES = [
  { stage: 'shadow', share: 0 },
  { stage: 'canary', share: 0.05 },
  { stage: 'canary', share: 0.25 },
  { stage: 'completed', share: 1 },
] as const;

/** The stage after a share; the last one is its own. */
export function nextStage(share: number): (typeof ROLLOUT_STAGES)[number] {
  return ROLLOUT_STAGES.find((stage) => stage.share > share) ?? ROLLOUT_STAGES[ROLLOUT_STAGES.length - 1];
}

export type Decision =
  | { readonly action: 'wait'; readonly reason: string }
  | { readonly action: 'advance'; readonly reason: string }
  | { readonly action: 'roll_back'; readonly reason: string };

/** Decides about a rollout from what its candidate did on live days. A breach counts from the first complete stage on. */
export function decide({ days, series, candidate, champion }: LiveMeasures, rules: RolloutRules): Decision {
  if (days < rules.leastDays || candidate.wape === null)
    return { action: 'wait', reason: `${days} of ${rules.leastDays} days with sales have passed` };
  if (series < rules.leastSeries)
    return { action: 'wait', reason: `${series} series say too little; ${rules.leastSeries} are wanted` };
  const breaches: string[] = [];
  if (champion.wape !== null && candidate.wape > champion.wape * rules.mostWapeRatio)
    breaches.push(`WAPE ${candidate.wape.toFixed(3)} against the champion's ${champion.wape.toFixed(3)}`);
  // What the champion does as badly is the days' doing and not the candidate's.
  const isWorse = (own: number, other: number | null) => other === null || own > other + SLACK;
  const champions = champion.bias === null ? null : Math.abs(champion.bias);
  if (
    candidate.bias !== null &&
    Math.abs(candidate.bias) > rules.mostBias &&
    isWorse(Math.abs(candidate.bias), champions)
  )
    breaches.push(`bias ${candidate.bias.toFixed(3)}`);
  const [low, high] = rules.coverage;
  const off = (coverage: number | null) => (coverage === null ? null : Math.abs(coverage - NOMINAL_COVERAGE));
  const miss = off(candidate.coverage);
  if (candidate.coverage !== null && miss !== null && !(candidate.coverage >= low && candidate.coverage <= high))
    if (isWorse(miss, off(champion.coverage))) breaches.push(`P10-P90 coverage ${candidate.coverage.toFixed(3)}`);
  if (candidate.latencyMs !== null && champion.latencyMs !== null && champion.latencyMs > 0)
    if (candidate.latencyMs > champion.latencyMs * rules.mostLatencyRatio)
      breaches.push(`${candidate.latencyMs} ms to forecast against ${champion.latencyMs} ms`);
  if (breaches.length) return { action: 'roll_back', reason: breaches.join('; ') };
  return { action: 'advance', reason: `${days} days within bounds` };
}

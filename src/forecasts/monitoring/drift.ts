import type { LiveAccuracy } from './live-accuracy.ts';

/** When a champion no longer does what it did on the days held out. */
export const DRIFT_RULES = {
  /** Days looked back. */
  days: 14,
  /** Fewer days with sales say nothing. */
  leastDays: 7,
  /** Horizons looked at: longer ones tell late. */
  longestHorizon: 7,
  /** Live WAPE over that of the hold-out. */
  mostWapeRatio: 1.25,
  mostBias: 0.25,
  /** No training is asked for where any model, whether it passed or not, is younger than this in business days. */
  cooldownDays: 7,
} as const;

/** Why a champion drifts, in words; empty where it does not. */
export function driftOf(live: LiveAccuracy | undefined, days: number, holdOutWape: number | null): string[] {
  if (!live || days < DRIFT_RULES.leastDays) return [];
  const reasons: string[] = [];
  if (live.wape !== null && holdOutWape !== null && live.wape > holdOutWape * DRIFT_RULES.mostWapeRatio)
    reasons.push(`WAPE ${live.wape.toFixed(3)} against ${holdOutWape.toFixed(3)} on the days held out`);
  if (live.bias !== null && Math.abs(live.bias) > DRIFT_RULES.mostBias) reasons.push(`bias ${live.bias.toFixed(3)}`);
  return reasons;
}

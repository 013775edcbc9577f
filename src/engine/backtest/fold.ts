import { forecastMembers, forecastSums, type MemberForecasts, type Origin } from '../pipeline/origin.ts';
import type { FittedBoosters } from '../pipeline/fitted.ts';
import type { FuturePlan } from '../pipeline/types.ts';
import { observedDays } from '../series/availability.ts';
import type { Panel } from '../series/panel.ts';

/** Forecasts of all members at one origin beside what came. */
export interface Fold {
  readonly origin: Origin;
  readonly days: number;
  readonly members: MemberForecasts;
  /** Forecasts of the totals per aligned level. */
  readonly sums: readonly Float32Array[];
  /** Units `[seriesCount * days]`, NaN where not observed. */
  readonly actual: Float32Array;
}

/** Forecasts the `days` days after an origin by every member. @param full the panel that knows what came */
export function forecastFold(full: Panel, origin: Origin, fitted: FittedBoosters, days: number): Fold {
  return {
    origin,
    days,
    members: forecastMembers(origin, fitted, days),
    sums: forecastSums(origin, fitted, days),
    actual: actualsAfter(full, origin.panel.periodCount, days),
  };
}

/**
 * The folds with the members that all of them have: a fold whose model saw too little history lacks the boosted one, and
 * only members judged on the same periods can be compared.
 */
export function withSharedMembers(folds: readonly Fold[]): readonly Fold[] {
  const isShared = (name: string) => folds.every(({ members }) => members.names.includes(name));
  if (folds.every(({ members }) => members.names.every(isShared))) return folds;
  return folds.map((fold) => {
    const { names, means } = fold.members;
    const kept = names.map(isShared);
    return {
      ...fold,
      members: {
        ...fold.members,
        names: names.filter((_, m) => kept[m]),
        means: means.filter((_, m) => kept[m]),
      },
    };
  });
}

/** What was sold on the `days` days from day index `from` on; NaN where the sales do not tell the demand. */
export function actualsAfter(full: Panel, from: number, days: number): Float32Array {
  const observed = observedDays(full);
  const actual = new Float32Array(full.seriesCount * days).fill(NaN);
  for (let s = 0; s < full.seriesCount; s++)
    for (let h = 0; h < days; h++) {
      const at = s * full.periodCount + from + h;
      if (observed[at] === 1) actual[s * days + h] = full.sales[at];
    }
  return actual;
}

/** Prices and promotions of the days after an origin, as a planner would have known them. */
export function planAfter(full: Panel, from: number, days: number): FuturePlan {
  const cut = (values: Float32Array | null) => {
    if (values === null) return null;
    const out = new Float32Array(full.seriesCount * days).fill(NaN);
    for (let s = 0; s < full.seriesCount; s++)
      out.set(values.subarray(s * full.periodCount + from, s * full.periodCount + from + days), s * days);
    return out;
  };
  return { price: cut(full.price), promotion: cut(full.promotion) };
}

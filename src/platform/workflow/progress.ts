import type { StepShape } from './definition.ts';
import type { StepState } from './plan.ts';

/** How far one shard of a step is. */
export interface ShardProgress {
  readonly step: string;
  readonly state: StepState;
  /** 0 to 100, as its job says. */
  readonly percent: number;
}

const ENDED: ReadonlySet<StepState> = new Set(['succeeded', 'skipped']);

/** How far a step is, 0 to 100: the mean over its shards. */
export function stepPercent(shards: readonly ShardProgress[]): number {
  if (!shards.length) return 0;
  const done = shards.reduce((sum, { state, percent }) => sum + (ENDED.has(state) ? 100 : percent), 0);
  return done / shards.length;
}

/** How far a run is, 0 to 100: the mean over its steps by their weights, rounded down so that only the end is 100. */
export function runPercent(shape: readonly StepShape[], shards: readonly ShardProgress[]): number {
  let done = 0;
  let whole = 0;
  for (const { step, weight } of shape) {
    done += weight * stepPercent(shards.filter((shard) => shard.step === step));
    whole += weight;
  }
  return whole ? Math.floor(done / whole) : 0;
}

import type { JobError } from '../queue/index.ts';
import { ancestorsOf, StepShape } from './definition.ts';

export type StepState = 'pending' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** JSON object, as steps take and return it. */
export type Json = Record<string, unknown>;

/** What is known of one shard of a step. */
export interface ShardStatus {
  readonly step: string;
  readonly shard: number;
  readonly state: StepState;
  readonly output: Json | null;
  /** Descriptors for the shards of the step after it. */
  readonly shards: readonly Json[] | null;
  /** Why nothing after this step shall run; null = go on. */
  readonly skipRest: string | null;
  readonly error: JobError | null;
}

/** What is to be done about a run. */
export interface Plan {
  /** Steps to start, with a descriptor for each shard (null for a step without shards). */
  readonly starts: readonly { readonly step: StepShape; readonly shards: readonly (Json | null)[] }[];
  readonly skips: readonly string[];
  readonly state: RunState;
  readonly outcome: string | null;
  readonly result: Json | null;
  readonly error: JobError | null;
}

/** Failures named in the error of a run; the steps themselves tell of all. */
const NAMED_FAILURES = 10;

/** Shards of a step in their order. */
export function shardsOf<T extends { readonly step: string; readonly shard: number }>(
  rows: readonly T[],
  step: string,
) {
  return rows.filter((row) => row.step === step).sort((a, b) => a.shard - b.shard);
}

/**
 * Decides from the state of all steps what a run does next: which steps have become due, which will never be, and whether
 * the run has ended. The same rows give the same plan, and a plan that was carried out gives one with nothing to start.
 * @param halted nothing more shall start, since the run is to be cancelled
 */
export function planRun(shape: readonly StepShape[], rows: readonly ShardStatus[], halted: boolean): Plan {
  const states = new Map<string, StepState[]>();
  for (const { step } of shape)
    states.set(
      step,
      shardsOf(rows, step).map(({ state }) => state),
    );
  const stopped = new Set(rows.filter(({ skipRest }) => skipRest !== null).map(({ step }) => step));
  const starts: { step: StepShape; shards: readonly (Json | null)[] }[] = [];
  const skips: string[] = [];
  for (const step of shape) {
    if (halted || !states.get(step.step)?.every((state) => state === 'pending')) continue;
    if ([...ancestorsOf(shape, step.step)].some((ancestor) => stopped.has(ancestor))) {
      skips.push(step.step);
      states.set(step.step, ['skipped']);
      continue;
    }
    const due = step.after.every((parent) => states.get(parent)?.every((s) => s === 'succeeded' || s === 'skipped'));
    if (!due) continue;
    const shards = step.fromParent ? shardsOf(rows, step.after[0]).flatMap((row) => row.shards ?? []) : [null];
    if (shards.length) starts.push({ step, shards });
    else skips.push(step.step);
    states.set(step.step, shards.length ? shards.map(() => 'queued') : ['skipped']);
  }
  return { starts, skips, ...conclude(shape, rows, [...states.values()].flat(), halted) };
}

function conclude(shape: readonly StepShape[], rows: readonly ShardStatus[], states: StepState[], halted: boolean) {
  const nothing = { outcome: null, result: null, error: null };
  if (states.some((state) => state === 'queued' || state === 'running'))
    return { state: 'running' as const, ...nothing };
  const failed = rows.filter(({ state }) => state === 'failed');
  if (failed.length && !halted) return { state: 'failed' as const, ...nothing, error: failureOf(shape, rows, failed) };
  if (halted || states.includes('cancelled')) return { state: 'cancelled' as const, ...nothing };
  const outcome = rows.find(({ skipRest }) => skipRest !== null)?.skipRest ?? 'completed';
  return { state: 'succeeded' as const, outcome, result: resultOf(shape, rows), error: null };
}

/** Output of the last step that succeeded; of a step with shards, the list of theirs. */
function resultOf(shape: readonly StepShape[], rows: readonly ShardStatus[]): Json | null {
  const last = shape.findLast(({ step }) => shardsOf(rows, step).some(({ state }) => state === 'succeeded'));
  if (!last) return null;
  const outputs = shardsOf(rows, last.step).map(({ output }) => output);
  return last.fromParent ? { shards: outputs } : outputs[0];
}

function failureOf(
  shape: readonly StepShape[],
  rows: readonly ShardStatus[],
  failed: readonly ShardStatus[],
): JobError {
  const nameOf = ({ step, shard }: ShardStatus) => {
    const count = shardsOf(rows, step).length;
    return shape.find((one) => one.step === step)?.fromParent ? `${step} shard ${shard + 1} of ${count}` : step;
  };
  const tell = (text: (error: JobError) => string) => {
    const named = failed
      .slice(0, NAMED_FAILURES)
      .map((row) => `${nameOf(row)}: ${row.error ? text(row.error) : 'failed'}`);
    const more = failed.length - named.length;
    return named.join('; ') + (more > 0 ? `; and ${more} more` : '');
  };
  const message = tell(({ code, message }) => `${code}: ${message}`);
  return {
    code: 'STEPS_FAILED',
    message,
    detail: tell(({ code, message, detail }) => `${code}: ${detail ?? message}`),
  };
}

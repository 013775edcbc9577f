import { describe, expect, it } from '@jest/globals';
import { defineWorkflow } from './definition.ts';
import { planRun, ShardStatus, StepState } from './plan.ts';

const queue = 'sales-import' as const;
const { shape } = defineWorkflow({
  name: 'fan',
  steps: {
    join: { queue, after: ['work'] },
    split: { queue, after: [] },
    work: { queue, after: ['split'], shards: 'from-parent' },
    aside: { queue, after: ['split'] },
  },
});

function row(step: string, state: StepState, more: Partial<ShardStatus> = {}): ShardStatus {
  return { step, shard: 0, state, output: null, shards: null, skipRest: null, error: null, ...more };
}

const plan = (...rows: ShardStatus[]) => {
  const named = new Set(rows.map(({ step }) => step));
  const pending = shape.filter(({ step }) => !named.has(step)).map(({ step }) => row(step, 'pending'));
  const { starts, ...rest } = planRun(shape, [...rows, ...pending], false);
  return { ...rest, starts: starts.map(({ step, shards }) => [step.step, shards.length]) };
};

describe('a workflow', () => {
  it('is put into an order in which no step comes before one it depends on', () => {
    expect(shape.map(({ step }) => step)).toEqual(['split', 'work', 'aside', 'join']);
  });

  it.each([
    ['an unknown parent', { a: { queue, after: ['b'] } }, /no step b/],
    ['a circle', { a: { queue, after: ['b'] }, b: { queue, after: ['a'] } }, /a, b depend on each other/],
    ['shards without a parent', { a: { queue, after: [], shards: 'from-parent' } }, /exactly one parent/],
    ['a weight of nothing', { a: { queue, after: [], weight: 0 } }, /weight/],
  ])('with %s is refused', (_, steps, message) => {
    expect(() => defineWorkflow({ name: 'wrong', steps: steps as never })).toThrow(message);
  });
});

describe('the plan of a run', () => {
  it('starts with the steps that depend on nothing', () => {
    expect(plan()).toMatchObject({ starts: [['split', 1]], skips: [], state: 'running' });
  });

  it('starts a shard for each descriptor, and what else has become due', () => {
    const split = row('split', 'succeeded', { shards: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    expect(plan(split)).toMatchObject({
      starts: [
        ['work', 3],
        ['aside', 1],
      ],
      state: 'running',
    });
  });

  it('waits for the last shard', () => {
    const rows = [row('split', 'succeeded'), row('aside', 'succeeded'), row('work', 'succeeded')];
    expect(plan(...rows, row('work', 'running', { shard: 1 }))).toMatchObject({ starts: [], state: 'running' });
    expect(plan(...rows, row('work', 'succeeded', { shard: 1 }))).toMatchObject({ starts: [['join', 1]] });
  });

  it('passes over a step that has no shards', () => {
    const split = row('split', 'succeeded', { shards: [] });
    expect(plan(split, row('aside', 'queued'))).toMatchObject({ starts: [['join', 1]], skips: ['work'] });
  });

  it('lets a failed shard fail alone: the others go on, the branch ends, the run tells which and why', () => {
    const error = { code: 'TIMED_OUT', message: 'Took too long' };
    const rows = [row('split', 'succeeded'), row('work', 'succeeded'), row('work', 'failed', { shard: 1, error })];
    expect(plan(...rows, row('aside', 'running'))).toMatchObject({ starts: [], state: 'running', error: null });
    expect(plan(...rows, row('aside', 'succeeded'))).toMatchObject({
      starts: [],
      state: 'failed',
      error: { code: 'STEPS_FAILED', message: 'work shard 2 of 2: TIMED_OUT: Took too long' },
    });
  });

  it('skips all that depends on a step which says so, and succeeds with its reason and output', () => {
    const work = row('work', 'succeeded', { skipRest: 'gate refused', output: { passed: false } });
    expect(plan(row('split', 'succeeded'), row('aside', 'succeeded'), work)).toMatchObject({
      starts: [],
      skips: ['join'],
      state: 'succeeded',
      outcome: 'gate refused',
    });
  });

  it('succeeds with the output of the last step', () => {
    const rows = [row('split', 'succeeded'), row('work', 'succeeded'), row('aside', 'succeeded')];
    const joined = row('join', 'succeeded', { output: { sum: 6 } });
    expect(plan(...rows, joined)).toMatchObject({ state: 'succeeded', outcome: 'completed', result: { sum: 6 } });
  });

  it('starts nothing of a run that is to be cancelled', () => {
    const split = row('split', 'succeeded', { shards: [{}] });
    const rows = [split, row('work', 'pending'), row('aside', 'pending'), row('join', 'pending')];
    expect(planRun(shape, rows, true)).toMatchObject({ starts: [], state: 'cancelled' });
    expect(planRun(shape, rows, false)).toMatchObject({ state: 'running' });
  });
});

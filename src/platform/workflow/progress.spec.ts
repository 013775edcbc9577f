import { describe, expect, it } from '@jest/globals';
import { defineWorkflow } from './definition.ts';
import { runPercent } from './progress.ts';

const { shape } = defineWorkflow({
  name: 'two',
  steps: { quick: { queue: 'sales-import', after: [] }, long: { queue: 'sales-import', after: ['quick'], weight: 9 } },
});

describe('the progress of a run', () => {
  it('counts steps by their weights and shards alike', () => {
    const quick = { step: 'quick', state: 'succeeded', percent: 0 } as const;
    expect(runPercent(shape, [quick, { step: 'long', state: 'pending', percent: 0 }])).toBe(10);
    const half = { step: 'long', state: 'running', percent: 50 } as const;
    expect(runPercent(shape, [quick, half, { ...half, state: 'succeeded' }])).toBe(77);
  });

  it('is whole only at the end', () => {
    const quick = { step: 'quick', state: 'skipped', percent: 0 } as const;
    expect(runPercent(shape, [quick, { step: 'long', state: 'running', percent: 99.9 }])).toBe(99);
    expect(runPercent(shape, [quick, { step: 'long', state: 'succeeded', percent: 100 }])).toBe(100);
  });
});

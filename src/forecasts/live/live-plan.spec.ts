import { describe, expect, it } from '@jest/globals';
import { liveHorizon } from './live-plan.ts';

describe('A forecast on request', () => {
  it('covers the day asked for by one of few horizons', () => {
    expect([1, 28, 29, 91, 92, 183, 366].map((days) => liveHorizon(days, 28))).toEqual([28, 28, 91, 91, 182, 366, 366]);
    expect(liveHorizon(5, 120)).toBe(120);
    expect(liveHorizon(121, 120)).toBe(182);
    expect(liveHorizon(367, 28)).toBeNull();
  });
});

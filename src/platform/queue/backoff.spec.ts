import { describe, expect, it } from '@jest/globals';
import { backoffDelay } from './backoff.ts';

describe('the pause before another try', () => {
  it('doubles with each failure', () => {
    expect([1, 2, 3, 4].map((failures) => backoffDelay(1_000, failures, 0))).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('is shortened at random by up to a half', () => {
    expect([0, 0.5, 1].map((random) => backoffDelay(1_000, 2, random))).toEqual([2_000, 1_500, 1_000]);
  });
});

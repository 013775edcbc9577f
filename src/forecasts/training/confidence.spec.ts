import { describe, expect, it } from '@jest/globals';
import { calibrationFactor, confidenceScore } from './confidence.ts';

describe('confidenceScore', () => {
  it('is 1 for a certain quantity and falls as the interval widens', () => {
    expect(confidenceScore(10, 10, 10, 1)).toBe(1);
    expect(confidenceScore(10, 5, 15, 1)).toBeCloseTo(1 - 10 / 30, 12);
    expect(confidenceScore(10, 0, 40, 1)).toBeCloseTo(1 - 40 / 60, 12);
  });

  it('is lower where the intervals proved too narrow, and never leaves 0..1', () => {
    const narrow = calibrationFactor(0.5);
    expect(narrow).toBeCloseTo(1.6, 12);
    expect(confidenceScore(10, 5, 15, narrow)).toBeLessThan(confidenceScore(10, 5, 15, 1));
    expect(confidenceScore(0.01, 0, 50, 2)).toBe(0);
    expect(confidenceScore(0, 0, 0, 1)).toBe(1);
  });

  it('does not let an extreme or missing measurement run away', () => {
    expect(calibrationFactor(null)).toBe(1);
    expect(calibrationFactor(NaN)).toBe(1);
    expect(calibrationFactor(0)).toBe(2);
    expect(calibrationFactor(1)).toBeCloseTo(0.8, 12);
  });
});

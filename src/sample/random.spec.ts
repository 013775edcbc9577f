import { describe, expect, it } from '@jest/globals';
import { negativeBinomial, poisson, STREAM, streamRng, unitGamma } from './random.ts';

function moments(draw: () => number, count = 60_000): { mean: number; variance: number } {
  const values = Float64Array.from({ length: count }, draw);
  const mean = values.reduce((sum, x) => sum + x, 0) / count;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count };
}

describe('random numbers of the simulation', () => {
  it.each([0.08, 3, 75])('draws Poisson counts whose mean and variance are both %p', (lambda) => {
    const rng = streamRng(1, STREAM.demand, 0);
    const { mean, variance } = moments(() => poisson(rng, lambda));
    expect(mean / lambda).toBeCloseTo(1, 1);
    expect(variance / lambda).toBeCloseTo(1, 1);
  });

  it.each([0.7, 12])('draws gamma numbers with mean 1 and variance 1/shape for shape %p', (shape) => {
    const rng = streamRng(2, STREAM.demand, 0);
    const { mean, variance } = moments(() => unitGamma(rng, shape));
    expect(mean).toBeCloseTo(1, 1);
    expect(variance * shape).toBeCloseTo(1, 1);
  });

  it('overdisperses negative binomial counts: variance = mean + mean²/shape', () => {
    const rng = streamRng(3, STREAM.demand, 0);
    const { mean, variance } = moments(() => negativeBinomial(rng, 5, 4));
    expect(mean).toBeCloseTo(5, 1);
    expect(variance / (5 + 25 / 4)).toBeCloseTo(1, 1);
  });

  it('gives every seed, purpose and index a stream of its own', () => {
    const first = [
      streamRng(1, STREAM.demand, 0)(),
      streamRng(2, STREAM.demand, 0)(),
      streamRng(1, STREAM.stock, 0)(),
      streamRng(1, STREAM.demand, 1)(),
    ];
    expect(new Set(first).size).toBe(4);
    expect(streamRng(1, STREAM.demand, 0)()).toBe(first[0]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { inShare } from './share.ts';

const skus = Array.from({ length: 20_000 }, (_, i) => `SKU_${i}`);
const members = (salt: string, share: number) => skus.filter((sku) => inShare(salt, sku, share));

describe('the share of a rollout', () => {
  it.each([0.05, 0.25, 0.5])('of %d has about so many members', (share) => {
    const size = members('one', share).length / skus.length;
    // Five standard errors of a binomial share.
    expect(Math.abs(size - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / skus.length));
  });

  it('has nobody at 0 and everybody at 1', () => {
    expect(members('one', 0)).toHaveLength(0);
    expect(members('one', 1)).toHaveLength(skus.length);
  });

  it('grows without losing anybody', () => {
    const larger = new Set(members('one', 0.25));
    expect(members('one', 0.05).every((sku) => larger.has(sku))).toBe(true);
  });

  it('is another one in another rollout, and always the same in the same', () => {
    expect(members('one', 0.05)).not.toEqual(members('two', 0.05));
    // Fixed, so that a new release does not move a running rollout.
    expect(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].filter((sku) => inShare('r', sku, 0.5))).toEqual([
      'C',
      'D',
      'F',
      'G',
    ]);
  });
});

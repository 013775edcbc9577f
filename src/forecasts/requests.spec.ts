import { describe, expect, it } from '@jest/globals';
import { canonicalScope, dedupeKey } from './requests.ts';

const key = (scope: Parameters<typeof canonicalScope>[0]) => dedupeKey('forecast-generation', canonicalScope(scope));

describe('requests for forecasts', () => {
  it('takes the same ids in another order or twice for the same request', () => {
    expect(key({ products: [3, 1, 2], locations: [9, 8], horizonDays: 28 })).toBe(
      key({ locations: [8, 9, 8], horizonDays: 28, products: [1, 2, 3, 1] }),
    );
  });

  it('tells requests apart by every part', () => {
    const base = { products: [1], category: 'Snacks', locations: [1], horizonDays: 28 };
    const keys = [
      base,
      { ...base, products: [2] },
      { ...base, products: undefined },
      { ...base, category: 'Dairy' },
      { ...base, locations: [2] },
      { ...base, horizonDays: 7 },
    ].map(key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('does not take products for locations', () => {
    expect(key({ products: [1], horizonDays: 28 })).not.toBe(key({ locations: [1], horizonDays: 28 }));
  });
});

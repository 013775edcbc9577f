import { describe, expect, it } from '@jest/globals';
import { CACHE_TTL_SECONDS, seriesAnswerKey, topProductsKey, ttlSeconds } from './cache-keys.ts';

describe('cache keys', () => {
  it('names the ranking by category and period, word for word', () => {
    expect(topProductsKey('Electronics', 'month', undefined)).toBe('forecast:Electronics:month:v1');
    expect(topProductsKey(undefined, 'month', undefined)).toBe('forecast:all:month:v1');
    expect(topProductsKey('Electronics', 'week', ['b', 'a', 'b'])).toBe('forecast:Electronics:week:v1:loc=a,b');
  });

  it('keeps apart what only looks alike', () => {
    expect(topProductsKey('all', 'month', undefined)).not.toBe(topProductsKey(undefined, 'month', undefined));
    expect(topProductsKey('A:month:v1', 'day', undefined)).toBe('forecast:~A%3Amonth%3Av1:day:v1');
  });

  it('gives a series another key for every state of the forecasts and every part asked for', () => {
    const open = { locationId: undefined, from: undefined, to: undefined, asOf: undefined };
    const key = { epoch: '7', productId: 'p', ...open, grain: 'day' };
    const keys = [
      key,
      { ...key, epoch: '8' },
      { ...key, locationId: 'l' },
      { ...key, from: '2025-01-01' },
      { ...key, to: '2025-01-01' },
      { ...key, asOf: '2025-01-01' },
      { ...key, grain: 'week' },
    ].map(seriesAnswerKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toMatch(/^forecast:/);
  });

  it('keeps answers about near days for a shorter time than those about far ones', () => {
    expect(ttlSeconds(1)).toBeLessThan(ttlSeconds(28));
    expect([-3, 0, 1, 2, 28, 366].map(ttlSeconds)).toEqual([600, 600, 600, 1200, 3600, 3600]);
    expect(CACHE_TTL_SECONDS).toBe(3600);
  });
});

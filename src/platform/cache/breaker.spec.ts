import { beforeEach, describe, expect, it } from '@jest/globals';
import { Breaker } from './breaker.ts';

describe('A breaker', () => {
  let now: number;
  let calls: number;
  let breaker: Breaker;
  const failing = () => breaker.run(() => (calls++, Promise.reject(new Error('away'))));
  const working = () => breaker.run(() => (calls++, Promise.resolve('there')));

  beforeEach(async () => {
    now = 0;
    calls = 0;
    breaker = new Breaker(() => now);
  });

  it('lets single failures pass', async () => {
    for (let i = 0; i < 20; i++) {
      expect(await failing()).toBeNull();
      expect(await working()).toBe('there');
    }
    expect(calls).toBe(40);
  });

  it('leaves a server alone that failed five times in a row, and tries it once every two seconds', async () => {
    for (let i = 0; i < 50; i++) expect(await failing()).toBeNull();
    expect([calls, breaker.open]).toEqual([5, true]);
    now = 1_999;
    await working();
    expect(calls).toBe(5);
    now = 2_000;
    await failing();
    await failing();
    expect(calls).toBe(6);
    now = 4_000;
    expect(await working()).toBe('there');
    expect(await working()).toBe('there');
    expect([calls, breaker.open]).toEqual([8, false]);
  });

  it('lets only one caller try', async () => {
    for (let i = 0; i < 5; i++) await failing();
    now = 2_000;
    await Promise.all(Array.from({ length: 10 }, working));
    expect(calls).toBe(6);
  });
});

import { describe, expect, it } from '@jest/globals';
import { PrimaryTrail, walPosition } from './wal-position.ts';

describe('positions in the write-ahead log', () => {
  it('are read as bytes, in their order', () => {
    expect(walPosition('0/0')).toBe(0);
    expect(walPosition('0/1a')).toBe(26);
    expect(walPosition('16/B374D848')).toBe(0x16_b374_d848);
    expect(walPosition('1/00000000')).toBeGreaterThan(walPosition('0/FFFFFFFF'));
  });

  it('are nothing else', () => {
    for (const text of ['', '1', '1/2/3', 'x/1', '123456789/1'])
      expect(() => walPosition(text)).toThrow('is no position in the write-ahead log');
  });
});

describe('the lag of a replica', () => {
  it('is how long the primary has been further, and nothing while nobody writes', () => {
    const trail = new PrimaryTrail(60_000);
    trail.add(0, 100);
    trail.add(1_000, 200);
    trail.add(2_000, 300);
    expect(trail.lagMs(2_500, 300)).toBe(0);
    expect(trail.lagMs(2_500, 250)).toBe(500);
    expect(trail.lagMs(2_500, 199)).toBe(1_500);
    for (let at = 3_000; at < 50_000; at += 1_000) trail.add(at, 300);
    expect(trail.lagMs(50_000, 300)).toBe(0);
    expect(trail.lagMs(50_000, 299)).toBe(48_000);
  });

  it('is told from a bounded past', () => {
    const trail = new PrimaryTrail(10_000);
    for (let at = 0; at <= 100_000; at += 1_000) trail.add(at, at);
    expect(trail.lagMs(100_000, -1)).toBeLessThanOrEqual(11_000);
    expect(trail.lagMs(100_000, 95_000)).toBe(4_000);
  });
});

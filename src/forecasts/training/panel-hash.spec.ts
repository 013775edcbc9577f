import { describe, expect, it } from '@jest/globals';
import type { Panel } from '../../engine/index.ts';
import { hashPanel } from './panel-hash.ts';

const panel = (changes: Partial<Panel> = {}): Panel => ({
  startPeriod: 100,
  periodCount: 2,
  seriesCount: 1,
  sales: Float32Array.of(1, 2),
  price: null,
  promotion: null,
  inStock: null,
  product: Int32Array.of(1),
  location: Int32Array.of(1),
  category: Int32Array.of(0),
  firstPeriod: Int32Array.of(0),
  ...changes,
});

describe('hashPanel', () => {
  it('is the same for equal data, wherever it stands in memory', () => {
    const shifted = Float32Array.of(9, 1, 2).subarray(1);
    expect(hashPanel(panel({ sales: shifted }), [])).toBe(hashPanel(panel(), []));
  });

  it.each<[string, Partial<Panel>]>([
    ['sales', { sales: Float32Array.of(1, 3) }],
    ['price', { price: Float32Array.of(NaN, NaN) }],
    ['stock', { inStock: Uint8Array.of(1, 1) }],
    ['days', { startPeriod: 101 }],
    ['the end of a listing', { lastPeriod: Int32Array.of(0) }],
    ['product', { product: Int32Array.of(2) }],
  ])('changes with %s', (_name, changes) => {
    expect(hashPanel(panel(changes), [])).not.toBe(hashPanel(panel(), []));
  });

  it('changes with the events', () => {
    expect(hashPanel(panel(), [{ day: 100, name: 'Diwali' }])).not.toBe(hashPanel(panel(), []));
  });
});

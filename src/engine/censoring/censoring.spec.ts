import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { createRng } from '../rng.ts';
import type { Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { demandBeyond } from './conditional-mean.ts';
import { unconstrainDemand } from './unconstrain.ts';

describe('demandBeyond', () => {
  it.each([
    // Poisson(3): E[D | D ≥ 2] = (3 − 3e⁻³) / (1 − 4e⁻³); E[D | D ≥ 1] = 3 / (1 − e⁻³).
    [2, 3, 1, (3 - 3 * Math.exp(-3)) / (1 - 4 * Math.exp(-3))],
    [1, 3, 1, 3 / (1 - Math.exp(-3))],
    // Geometric with mean 2 (dispersion 3): without memory, so E[D | D ≥ 4] = 4 + 2.
    [4, 2, 3, 6],
    // Standard normal above 0: √(2/π).
    [400, 400, 1, 400 + 20 * Math.sqrt(2 / Math.PI)],
    [0, 5, 2, 5],
    [7, 0, 1, 7],
    [90, 3, 1, 90],
  ])('of %p sold where %p were expected, dispersion %p', (sold, mean, dispersion, expected) => {
    expect(demandBeyond(sold, mean, dispersion)).toBeCloseTo(expected, 6);
  });

  it('goes over from counts to the normal distribution without a step', () => {
    for (const sold of [120, 150, 170])
      expect(demandBeyond(sold, 150.001, 1.5) / demandBeyond(sold, 149.999, 1.5)).toBeCloseTo(1, 2);
  });
});

/** Sales cut where `stock` was less than the demand; the panel knows the day ended without any. */
function cutSales(truth: Panel, stockOf: (series: number, day: number, demand: number) => number): Panel {
  const sales = truth.sales.slice();
  const inStock = new Uint8Array(sales.length).fill(1);
  truth.sales.forEach((demand, at) => {
    const stock = stockOf(Math.floor(at / truth.periodCount), at % truth.periodCount, demand);
    if (demand < stock) return;
    sales[at] = stock;
    inStock[at] = 0;
  });
  return { ...truth, sales, inStock };
}

const sumOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0);

describe('unconstrainDemand', () => {
  const truth = demandPanel({
    products: 20,
    locations: 2,
    days: 300,
    mean: (p, l, d) => (2 + p) * (1 + l) * ((d + 6) % 7 >= 5 ? 1.7 : 1) * (1 + d / 600),
  });

  it('finds the demand again where the shelf was too small for the day', () => {
    const expected = (s: number, d: number) =>
      (2 + Math.floor(s / 2)) * (1 + (s % 2)) * ((d + 6) % 7 >= 5 ? 1.7 : 1) * (1 + d / 600);
    const rng = createRng(3);
    // A fifth of the days ends empty, most of them the better ones.
    const cut = cutSales(truth, (s, d) => Math.ceil(expected(s, d) * (0.65 + 1.2 * rng())));
    const share = 1 - sumOf(Float32Array.from(cut.inStock ?? [])) / cut.sales.length;
    expect(share).toBeGreaterThan(0.15);
    const full = unconstrainDemand(cut);
    expect(sumOf(cut.sales) / sumOf(truth.sales)).toBeLessThan(0.95);
    expect(Math.abs(sumOf(full.sales) / sumOf(truth.sales) - 1)).toBeLessThan(0.01);
    expect(full.inStock).toBeNull();
  });

  it('finds it where shelves stay empty for days', () => {
    const cut = cutSales(truth, (s, d) => ((d + 3 * s) % 20 < 4 ? 0 : Infinity));
    const full = unconstrainDemand(cut);
    expect(sumOf(cut.sales) / sumOf(truth.sales)).toBeLessThan(0.85);
    expect(Math.abs(sumOf(full.sales) / sumOf(truth.sales) - 1)).toBeLessThan(0.01);
  });

  it('changes no day in stock, takes none below what was sold, and looks into no future', () => {
    const cut = cutSales(truth, (s, d) => ((d * 7 + s) % 11 === 0 ? 3 : Infinity));
    const full = unconstrainDemand(cut);
    let changed = 0;
    cut.sales.forEach((sold, at) => {
      expect(full.sales[at]).toBeGreaterThanOrEqual(sold);
      if (full.sales[at] !== sold) changed++;
      if (cut.inStock?.[at] !== 0) expect(full.sales[at]).toBe(sold);
    });
    expect(changed).toBeGreaterThan(100);
    const later = { ...cut, sales: cut.sales.slice() };
    for (let s = 0; s < cut.seriesCount; s++) later.sales.fill(500, s * 300 + 200, (s + 1) * 300);
    expect(unconstrainDemand(truncatePanel(later, 200))).toEqual(unconstrainDemand(truncatePanel(cut, 200)));
  });

  it('leaves alone what it has nothing to learn from', () => {
    expect(unconstrainDemand(truth)).toBe(truth);
    const never = cutSales(truth, () => 0);
    expect(sumOf(unconstrainDemand(never).sales)).toBe(0);
  });
});

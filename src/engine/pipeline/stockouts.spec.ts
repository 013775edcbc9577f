import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { createRng } from '../rng.ts';
import type { Panel } from '../series/panel.ts';
import { trainForecaster } from './train.ts';

const DAYS = 330;
const HORIZON = 14;
const meanOf = (p: number, l: number, d: number) => (2 + p) * (1 + l) * ((d + 6) % 7 >= 5 ? 1.6 : 1);

/** Sales of a known demand with `stock` units on the shelf each day; the panel is told which days ended empty. */
function soldFrom(stock: (series: number, day: number, expected: number) => number): Panel {
  const demand = demandPanel({ products: 12, locations: 2, days: DAYS, mean: meanOf });
  const inStock = new Uint8Array(demand.sales.length).fill(1);
  const sales = demand.sales.map((units, at) => {
    const [s, d] = [Math.floor(at / DAYS), at % DAYS];
    const shelf = stock(s, d, meanOf(Math.floor(s / 2), s % 2, d));
    if (units < shelf) return units;
    inStock[at] = 0;
    return shelf;
  });
  return { ...demand, sales, inStock };
}

describe('Forecasts from a history in which a fifth of the days sold out', () => {
  const rng = createRng(11);
  const cases = {
    'deliveries too small for the better days': soldFrom((_s, _d, expected) =>
      rng() < 0.25 ? Math.ceil(0.6 * expected) : Infinity,
    ),
    'nothing delivered for days': soldFrom((s, d) => ((d + 3 * s) % 20 < 4 ? 0 : Infinity)),
  };
  const options = { budget: 'quick', horizon: HORIZON, maxTrainingRows: 6000 } as const;

  it.each(Object.entries(cases))('are those of the demand: %s', (_, panel) => {
    const cutShare = (panel.inStock ?? []).filter((flag) => flag === 0).length / panel.sales.length;
    expect(cutShare).toBeGreaterThan(0.17);
    expect(cutShare).toBeLessThan(0.25);
    let demand = 0;
    for (let s = 0; s < panel.seriesCount; s++)
      for (let h = 0; h < HORIZON; h++) demand += meanOf(Math.floor(s / 2), s % 2, DAYS + h);
    const biasOf = (given: Panel) => {
      const { forecast } = trainForecaster(given, [], options);
      return forecast.mean.reduce((sum, value) => sum + value, 0) / demand - 1;
    };
    expect(biasOf({ ...panel, inStock: null })).toBeLessThan(-0.05);
    expect(Math.abs(biasOf(panel))).toBeLessThan(0.02);
  });
});

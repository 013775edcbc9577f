import { describe, expect, it } from '@jest/globals';
import { FREQUENCIES } from '../series/frequency.ts';
import { awkwardPanel, brokenBounds, violationsOf, type AwkwardSize } from './awkward-panels.ts';
import { trainForecasterWithNetwork, type NetworkSettings } from './network-member.ts';
import { trainForecaster } from './train.ts';

/** Enough of a network to find out whether it keeps its bounds. */
const NETWORK: NetworkSettings = { hidden: 8, layers: 1, steps: 6, batch: 16, checkEvery: 3, levels: [0.1, 0.5, 0.9] };

describe('guards of the whole pipeline', () => {
  const sizes: AwkwardSize[] = FREQUENCIES.flatMap((frequency) => [
    { frequency, seriesCount: 40, periodCount: 90 },
    { frequency, seriesCount: 3, periodCount: 200 },
    { frequency, seriesCount: 2, periodCount: 40 },
    { frequency, seriesCount: 60, periodCount: 21 },
  ]);

  it.each(sizes.map((size, seed) => ({ seed, ...size })))(
    '$seriesCount $frequency series of $periodCount periods keep their bounds (seed $seed)',
    ({ seed, ...size }) => {
      for (let draw = 0; draw < 3; draw++) expect(violationsOf(awkwardPanel(seed + 100 * draw, size))).toEqual([]);
    },
  );

  it('holds with a network among the members', async () => {
    const drawn = awkwardPanel(6, { frequency: 'daily', seriesCount: 40, periodCount: 90 });
    const result = await trainForecasterWithNetwork(drawn.panel, [], drawn.options, {}, NETWORK);
    expect(result.forecast.components.map(({ name }) => name)).toContain('network');
    expect(brokenBounds(result, drawn)).toEqual([]);
  });

  it('sees a forecast that breaks them', () => {
    const drawn = awkwardPanel(1, { frequency: 'daily', seriesCount: 10, periodCount: 60 });
    const result = trainForecaster(drawn.panel, [], drawn.options);
    const { forecast } = result;
    forecast.mean[0] = NaN;
    forecast.quantiles[3][forecast.horizon] = -1;
    forecast.productTotals.quantiles[10][0] = 1e30;
    expect(brokenBounds(result, drawn).map((text) => text.split(':')[0])).toEqual(
      expect.arrayContaining([`series 0, ${drawn.kinds[0]}`, `series 1, ${drawn.kinds[1]}`, 'product 0']),
    );
  });
});

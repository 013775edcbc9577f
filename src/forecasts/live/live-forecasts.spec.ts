import { describe, expect, it } from '@jest/globals';
import type { CatalogueProduct, CatalogueService } from '../../products/index.ts';
import type { SalesService } from '../../sales/index.ts';
import type { ModelArtefacts } from '../registry/model-artefacts.ts';
import type { RegistryService } from '../registry/registry.service.ts';
import type { PanelLoader } from '../training/panel-loader.ts';
import { LiveForecasts } from './live-forecasts.ts';
import { MOST_ROWS } from './live-plan.ts';

const productOf = (category: string) => ({ id: 1, category }) as CatalogueProduct;

/** A system of many categories whose history takes for ever to read. */
function stuck() {
  let reads = 0;
  const live = new LiveForecasts(
    {
      champion: async () => ({ version: 'v', parameters: { horizonDays: 28, categories: [] } }),
    } as unknown as RegistryService,
    { load: async () => 'model' } as unknown as ModelArtefacts,
    { load: () => (reads++, new Promise(() => undefined)) } as unknown as PanelLoader,
    { allLiveProducts: async () => ['a', 'b', 'c', 'd', 'e', 'f'].map(productOf) } as unknown as CatalogueService,
    {
      range: async () => ({ first: '2025-01-01', last: '2025-09-30' }),
      dataHash: async () => 'state',
      rowsStored: async (products?: readonly number[]) => (products ? 1 : MOST_ROWS + 1),
    } as unknown as SalesService,
  );
  return { live, reads: () => reads };
}

describe('Forecasts on request', () => {
  it('run one at a time, and turn away at once whom they could not serve in time', async () => {
    const { live, reads } = stuck();
    const waiting = ['a', 'a', 'b', 'c', 'd'].map((category) => live.of(productOf(category), 1, undefined));
    const turnedAway = await live.of(productOf('e'), 1, undefined);
    expect(turnedAway).toEqual({ kind: 'too_much' });
    expect(await Promise.race([...waiting, Promise.resolve('still waiting')])).toBe('still waiting');
    expect(reads()).toBe(1);
  });

  it('are not for days that cannot be forecast', async () => {
    const { live, reads } = stuck();
    expect(await live.of(productOf('a'), 1, '2027-01-01')).toEqual({ kind: 'unknown' });
    expect(reads()).toBe(0);
  });
});

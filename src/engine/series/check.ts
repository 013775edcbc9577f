import { InvalidInputError } from '../errors.ts';
import type { Panel } from './panel.ts';

/** Longest horizon a forecast may have, days. */
export const MAX_HORIZON = 366;

/** Refuses a panel whose arrays do not fit together. @throws InvalidInputError naming the array */
export function checkPanel(panel: Panel): void {
  const size = panel.seriesCount * panel.periodCount;
  const expect = (name: string, length: number | undefined, wanted: number) => {
    if (length !== undefined && length !== wanted)
      throw new InvalidInputError(`panel.${name} has ${length} entries, expected ${wanted}`);
  };
  if (!Number.isInteger(panel.startPeriod))
    throw new InvalidInputError('panel.startPeriod is not a whole number of days');
  if (!(panel.periodCount >= 1) || !(panel.seriesCount >= 1))
    throw new InvalidInputError('panel needs at least one series and one day');
  expect('sales', panel.sales.length, size);
  expect('price', panel.price?.length, size);
  expect('promotion', panel.promotion?.length, size);
  expect('inStock', panel.inStock?.length, size);
  expect('product', panel.product.length, panel.seriesCount);
  expect('location', panel.location.length, panel.seriesCount);
  expect('category', panel.category.length, panel.seriesCount);
  expect('firstPeriod', panel.firstPeriod.length, panel.seriesCount);
  expect('lastPeriod', panel.lastPeriod?.length, panel.seriesCount);
  for (let i = 0; i < size; i++) {
    const value = panel.sales[i];
    if (value < 0 || value === Infinity)
      throw new InvalidInputError(`panel.sales holds ${value} at entry ${i}; returns must be netted or left out first`);
  }
}

/** Refuses a horizon outside 1..366. @throws InvalidInputError */
export function checkHorizon(horizon: number): void {
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > MAX_HORIZON)
    throw new InvalidInputError(`horizon is ${horizon}, expected a whole number from 1 to ${MAX_HORIZON}`);
}

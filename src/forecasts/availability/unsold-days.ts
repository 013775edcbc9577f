import { AVAILABILITY_STATES, availabilityStates, unconstrainDemand } from '../../engine/index.ts';
import type { AvailabilityState } from '../../engine/index.ts';
import type { AvailabilityInput, AvailabilityOutput } from './availability-types.ts';

/** Product that stands for everything at a place. */
export const ALL_PRODUCTS = 0;

/**
 * The days on which sales do not tell the demand: out of stock, with the demand estimated for them, and the days on which a
 * whole place was closed or silent. Days before a series' first sale are left out, and so are ordinary ones.
 */
export function unsoldDays({ panel, fromDay }: AvailabilityInput): AvailabilityOutput {
  const states = availabilityStates(panel);
  const { sales: demand } = unconstrainDemand(panel);
  const { periodCount, seriesCount, startPeriod, price } = panel;
  const found: { product: number; location: number; day: number; state: AvailabilityState; at: number }[] = [];
  const places = new Set<string>();
  const from = Math.max(0, fromDay - startPeriod);
  for (let s = 0; s < seriesCount; s++) {
    const location = panel.location[s];
    for (let t = from; t < periodCount; t++) {
      const at = s * periodCount + t;
      const state = AVAILABILITY_STATES[states[at]];
      const day = startPeriod + t;
      if (state === 'out_of_stock') found.push({ product: panel.product[s], location, day, state, at });
      if (state !== 'closed' && state !== 'unknown') continue;
      const place = `${location} ${t}`;
      if (places.has(place)) continue;
      places.add(place);
      found.push({ product: ALL_PRODUCTS, location, day, state, at });
    }
  }
  const units = (values: Float32Array | null) =>
    Float32Array.from(found, ({ product, at }) => (product === ALL_PRODUCTS || values === null ? NaN : values[at]));
  return {
    product: Int32Array.from(found, ({ product }) => product),
    location: Int32Array.from(found, ({ location }) => location),
    day: Int32Array.from(found, ({ day }) => day),
    state: found.map(({ state }) => state),
    sold: units(panel.sales),
    demand: units(demand),
    price: units(price),
  };
}

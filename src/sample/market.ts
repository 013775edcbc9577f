import type { SampleProduct } from './products.ts';
import { gaussian, STREAM, streamRng, uniform } from './random.ts';

const DISCOUNTS = [0.1, 0.15, 0.2, 0.25];

/** Selling price and promotion flag, [product][day]; the same in every store. */
export interface Market {
  /** Rupees, whole. */
  readonly price: Float32Array;
  /** 1 on a day of promotion. */
  readonly promotion: Uint8Array;
}

/** Regular price by day: fruit and vegetables move every week, other prices rise in a few steps up to the current one. */
function regularPrices(seed: number, product: SampleProduct, index: number, days: number): Float64Array {
  const rng = streamRng(seed, STREAM.price, index);
  const regular = new Float64Array(days);
  if (product.category === 'Fruit and Vegetables') {
    let logLevel = 0.12 * gaussian(rng);
    for (let day = 0; day < days; day++) {
      if (day % 7 === 0) logLevel = 0.85 * logLevel + 0.06 * gaussian(rng);
      regular[day] = product.current_price * Math.exp(logLevel);
    }
    return regular;
  }
  let level = product.current_price;
  let stepIn = Math.floor(uniform(rng, 60, 300));
  for (let day = days - 1; day >= 0; day--) {
    regular[day] = level;
    if (--stepIn === 0) {
      level /= 1 + uniform(rng, -0.02, 0.07);
      stepIn = Math.floor(uniform(rng, 150, 320));
    }
  }
  return regular;
}

/** Simulates prices and promotions; the regular price of everything but fresh produce ends at `current_price`. */
export function simulateMarket(seed: number, products: readonly SampleProduct[], days: number): Market {
  const price = new Float32Array(products.length * days);
  const promotion = new Uint8Array(products.length * days);
  products.forEach((product, p) => {
    const rng = streamRng(seed, STREAM.promotion, p);
    const regular = regularPrices(seed, product, p, days);
    let starts = Math.floor(uniform(rng, 3, 40));
    let ends = starts + 3 + Math.floor(5 * rng());
    let discount = DISCOUNTS[Math.floor(DISCOUNTS.length * rng())];
    for (let day = 0; day < days; day++) {
      if (day === ends) {
        starts = ends + Math.floor(uniform(rng, 18, 60));
        ends = starts + 3 + Math.floor(5 * rng());
        discount = DISCOUNTS[Math.floor(DISCOUNTS.length * rng())];
      }
      const promoted = day >= starts;
      promotion[p * days + day] = promoted ? 1 : 0;
      price[p * days + day] = Math.max(1, Math.round(regular[day] * (promoted ? 1 - discount : 1)));
    }
  });
  return { price, promotion };
}

import type { Rng } from '../engine/index.ts';
import type { SampleProduct } from './products.ts';
import { gaussian, uniform } from './random.ts';

/** Days ahead an order may still be under way; longer lead times are cut to it. */
const PIPELINE_DAYS = 64;
/** Above this shelf life nothing is ever thrown away, so lots are not followed. */
const TRACKED_SHELF_LIFE = 60;
const SMOOTHING = 0.06;
/** Safety in standard deviations of lead-time demand; the planner of the simulated company is a little stingy. */
const SAFETY = 1.05;
/** Share of orders that a supplier delivers days late. */
const LATE_SHARE = 0.03;

/** One series of the stock simulation; all arrays start at the first day on sale and share one length. */
export interface StockSeries {
  readonly demand: Uint16Array;
  readonly sold: Uint16Array;
  readonly onHand: Uint16Array;
  readonly received: Uint16Array;
  readonly wasted: Uint16Array;
}

/** Takes units out of the lots, oldest first; slot i holds what arrived on a day ≡ i modulo the shelf life. */
function takeOldestFirst(lots: Uint16Array, day: number, units: number): void {
  for (let age = lots.length - 1; units > 0 && age >= 0; age--) {
    const slot = (day - age + lots.length) % lots.length;
    const taken = Math.min(units, lots[slot]);
    lots[slot] -= taken;
    units -= taken;
  }
}

/**
 * Runs the shop's replenishment over one series and fills sold, on hand, received and wasted. The policy knows nothing of
 * festivals or weekdays: it smooths sales, and orders cases up to a level when stock and orders fall to the reorder point.
 * That is why the shelf runs empty when demand jumps.
 * @param guess the planner's first estimate of units a day
 */
export function simulateStock(product: SampleProduct, series: StockSeries, guess: number, rng: Rng): void {
  const { demand, sold, onHand, received, wasted } = series;
  const shelfLife = product.shelf_life_days;
  const lots = shelfLife <= TRACKED_SHELF_LIFE ? new Uint16Array(shelfLife) : undefined;
  const arriving = new Uint16Array(PIPELINE_DAYS);
  const lead = product.lead_time_days;
  const cycleDays = Math.min(lead + 2, Math.max(1, shelfLife / 2));
  let rate = guess;
  let stock = 0;
  let onOrder = 0;
  arriving[0] = Math.ceil((rate * (lead + 2) + 1) / product.pack_size) * product.pack_size;
  onOrder = arriving[0];
  for (let day = 0; day < demand.length; day++) {
    const slot = day % PIPELINE_DAYS;
    const delivery = arriving[slot];
    arriving[slot] = 0;
    onOrder -= delivery;
    if (lots) {
      wasted[day] = lots[day % shelfLife];
      lots[day % shelfLife] = delivery;
    }
    received[day] = delivery;
    stock += delivery - wasted[day];
    sold[day] = Math.min(stock, demand[day]);
    stock -= sold[day];
    onHand[day] = stock;
    if (lots) takeOldestFirst(lots, day, sold[day]);

    // Sales of a day that ended empty say only that demand was at least that much.
    if (stock > 0 || sold[day] > rate) rate += SMOOTHING * (sold[day] - rate);
    const reorderPoint = rate * (lead + 1) + SAFETY * Math.sqrt((rate + (0.35 * rate) ** 2) * (lead + 1));
    if (stock + onOrder > reorderPoint) continue;
    const wanted = reorderPoint + rate * cycleDays - stock - onOrder;
    const cases = Math.max(1, Math.ceil(wanted / product.pack_size));
    const units = Math.max(product.min_order_quantity, cases * product.pack_size);
    const late = rng() < LATE_SHARE ? uniform(rng, 1, 5) : 0;
    const wait = Math.round(lead + product.lead_time_std_days * gaussian(rng) + late);
    arriving[(day + Math.min(PIPELINE_DAYS - 1, Math.max(1, wait))) % PIPELINE_DAYS] += units;
    onOrder += units;
  }
}

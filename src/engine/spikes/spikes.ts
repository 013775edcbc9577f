/** What was sold of a product at a place on a day, beside what was forecast before it. */
export interface SpikeCandidate {
  readonly product: number;
  readonly location: number;
  /** Counted from 1970-01-01. */
  readonly day: number;
  readonly actual: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  /** Whether it was on promotion: then the day is no surprise to everybody. */
  readonly promoted: boolean;
}

/** How many series were forecast and reported on the latest day: what shares are taken of. */
export interface SpikeScope {
  /** Places by product. */
  readonly places: ReadonlyMap<number, number>;
}

/** A product that suddenly sells far more than anybody expected. */
export interface Spike {
  readonly product: number;
  /** Places that are far above on the latest day, of so many where it is sold. */
  readonly places: number;
  readonly placesInAll: number;
  /** Days in a row, ending on the latest, on which one of these places was far above: 1 or 2. */
  readonly days: number;
  /** Units sold on the latest day at these places, and units expected there. */
  readonly sold: number;
  readonly expected: number;
}

/** When a day is taken for a spike. */
export interface SpikeRules {
  /** Distance from the median in robust standard deviations from which on a place is far above. */
  readonly leastDistance: number;
  /** Places far above that make a spike on their first day, and their share of the places where the product is sold. */
  readonly leastPlaces: number;
  readonly leastShare: number;
  /** Units above what was expected, over all these places. */
  readonly leastExcess: number;
  /** Share of all products beyond which it is no product's own spike: the day is special, or the forecasts are. */
  readonly mostProducts: number;
}

/**
 * Chosen on simulated demand: of 12,000 ordinary days of products none is found, of products that sell three times as much
 * everywhere 98 in 100; see the spec.
 */
export const SPIKE_RULES: SpikeRules = {
  leastDistance: 3.5,
  leastPlaces: 3,
  leastShare: 0.3,
  leastExcess: 5,
  mostProducts: 0.25,
};

/** The 90 % quantile of the standard normal distribution. */
const Z90 = 1.2816;
/** Products in too small a number have no share to speak of. */
const LEAST_PRODUCTS_OF_SHARE = 8;

/**
 * How far a day lies above the median, in standard deviations that are taken from the upper half of the forecast and are
 * at least those of a Poisson count, so that a spread of nothing makes no spike of a single unit.
 */
export function spikeDistance({ actual, mean, p50, p90 }: SpikeCandidate): number {
  return (actual - p50) / Math.max((p90 - p50) / Z90, Math.sqrt(Math.max(mean, 0)), 0.5);
}

/**
 * Finds the products whose latest day is a spike: many of their places far above at once, or one for the second day.
 * What promotions explain is left out, and all of it where too many products are far above.
 * @param candidates rows of the latest day and the one before that lie above their P90; others are never far above
 * @returns largest excess first, then by product
 */
export function findSpikes(
  candidates: readonly SpikeCandidate[],
  latest: number,
  { places }: SpikeScope,
  rules: SpikeRules = SPIKE_RULES,
): Spike[] {
  const far = candidates.filter((row) => !row.promoted && spikeDistance(row) >= rules.leastDistance);
  const before = new Set(far.filter(({ day }) => day === latest - 1).map(seriesOf));
  const byProduct = new Map<number, SpikeCandidate[]>();
  for (const row of far) {
    if (row.day !== latest) continue;
    const rows = byProduct.get(row.product);
    if (rows) rows.push(row);
    else byProduct.set(row.product, [row]);
  }
  const spikes: Spike[] = [];
  for (const [product, rows] of byProduct) {
    const placesInAll = Math.max(places.get(product) ?? 0, rows.length);
    const sold = rows.reduce((sum, { actual }) => sum + actual, 0);
    const expected = rows.reduce((sum, { mean }) => sum + mean, 0);
    const again = rows.some((row) => before.has(seriesOf(row)));
    const many = rows.length >= Math.max(rules.leastPlaces, rules.leastShare * placesInAll);
    if (sold - expected < rules.leastExcess || !(again || many)) continue;
    spikes.push({ product, places: rows.length, placesInAll, days: again ? 2 : 1, sold, expected });
  }
  const shared = places.size >= LEAST_PRODUCTS_OF_SHARE && spikes.length > rules.mostProducts * places.size;
  if (shared) return [];
  return spikes.sort((a, b) => b.sold - b.expected - (a.sold - a.expected) || a.product - b.product);
}

const seriesOf = ({ product, location }: SpikeCandidate) => `${product} ${location}`;

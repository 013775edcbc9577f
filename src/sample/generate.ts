import { epochDay, isoDay } from './calendar.ts';
import { dayShocks, drawResponses, lifeCycleFactor, locationFactors, productFactors } from './demand.ts';
import { sampleEvents } from './events.ts';
import { SAMPLE_DAYS, SAMPLE_LABEL, SAMPLE_START_DATE } from './label.ts';
import { SAMPLE_LOCATION_COUNT, sampleLocations, storeTraits, type StoreTraits } from './locations.ts';
import { simulateMarket } from './market.ts';
import { productTraits, SAMPLE_PRODUCT_COUNT, sampleProducts } from './products.ts';
import { FESTIVAL_EFFECTS, PROFILE_TRAITS, SAMPLE_PROFILES, WEEKDAY_FACTORS } from './profiles.ts';
import { gaussian, negativeBinomial, STREAM, streamRng, uniform } from './random.ts';
import { simulateStock } from './stock.ts';
import type { Sample, SampleOptions } from './types.ts';
import { simulateRainfall } from './weather.ts';

const LAUNCH_SHARE = 0.1;
const ENDING_SHARE = 0.05;

function wholeNumber(name: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`${name} must be a whole number from 1 to ${most}, got ${value}`);
  }
  return value;
}

/** First day on sale and the day after the last, by series. */
function drawLifeSpans(seed: number, days: number, products: number, stores: readonly StoreTraits[]) {
  const firstDay = new Int32Array(stores.length * products);
  const endDay = new Int32Array(stores.length * products);
  for (let p = 0; p < products; p++) {
    const rng = streamRng(seed, STREAM.lifeSpan, p);
    const draw = rng();
    const when = rng();
    // More launches are recent than old, so that there is always something with little history.
    const launched = draw < LAUNCH_SHARE ? Math.floor(days * (0.98 - 0.8 * when * when)) : 0;
    const ended = draw >= 1 - ENDING_SHARE ? Math.ceil(days * uniform(rng, 0.4, 0.95)) : days;
    stores.forEach(({ opensAt }, l) => {
      firstDay[l * products + p] = Math.max(launched, Math.floor(days * opensAt));
      endDay[l * products + p] = ended;
    });
  }
  return { firstDay, endDay };
}

/**
 * Generates the history of the simulated company: a pure function of its options, about a second and 50 MB for the
 * default of 10 stores × 120 products × 1,096 days.
 *
 * Mean demand = velocity × store × affinity × weekday × season × start of month × festivals × price^elasticity ×
 * promotion × drift × growth × rain × launch or ending; demand is a Poisson–gamma count around it (times a shock that a store's products share on a day); sales are what a simple
 * replenishment policy had in stock.
 * @throws RangeError when an option is out of its range
 */
export function generateSample(options: SampleOptions): Sample {
  const { seed } = options;
  if (!Number.isInteger(seed)) throw new RangeError(`seed must be an integer, got ${seed}`);
  const start = epochDay(options.startDate ?? SAMPLE_START_DATE);
  const days = wholeNumber('days', options.days ?? SAMPLE_DAYS, 3653);
  const productCount = wholeNumber('products', options.products ?? SAMPLE_PRODUCT_COUNT, SAMPLE_PRODUCT_COUNT);
  const locationCount = wholeNumber('locations', options.locations ?? SAMPLE_LOCATION_COUNT, SAMPLE_LOCATION_COUNT);

  const products = sampleProducts(productCount);
  const traits = productTraits(productCount);
  const stores = storeTraits(locationCount);
  const market = simulateMarket(seed, products, days);
  const rainfallMm = simulateRainfall(seed, start, days, locationCount);
  const response = drawResponses(seed, traits);
  const growthPerYear = Float32Array.from(stores, (_, l) => uniform(streamRng(seed, STREAM.location, l), 0.15, 0.35));
  const byProduct = productFactors(seed, start, days, products, traits, response, market);
  const byLocation = locationFactors(start, days, stores, growthPerYear, rainfallMm);
  const dayShock = dayShocks(seed, locationCount, days);
  const { firstDay, endDay } = drawLifeSpans(seed, days, productCount, stores);

  const cells = locationCount * productCount * days;
  const expectedDemand = new Float32Array(cells);
  const unconstrainedDemand = new Uint16Array(cells);
  const quantitySold = new Uint16Array(cells);
  const onHand = new Uint16Array(cells);
  const received = new Uint16Array(cells);
  const wasted = new Uint16Array(cells);
  const stockout = new Uint8Array(cells);

  for (let series = 0; series < locationCount * productCount; series++) {
    const p = series % productCount;
    const l = (series - p) / productCount;
    const rng = streamRng(seed, STREAM.demand, l * SAMPLE_PRODUCT_COUNT + p);
    const level = traits[p].velocity * Math.exp(0.25 * gaussian(rng));
    const first = firstDay[series];
    const end = endDay[series];
    const offset = series * days;
    const locationOffset = (l * SAMPLE_PROFILES.length + SAMPLE_PROFILES.indexOf(traits[p].profile)) * days;
    for (let day = first; day < end; day++) {
      const life = lifeCycleFactor(day, first, end, days);
      const mean = level * byProduct[p * days + day] * byLocation[locationOffset + day] * life;
      expectedDemand[offset + day] = mean;
      unconstrainedDemand[offset + day] = negativeBinomial(
        rng,
        mean * dayShock[l * days + day],
        response.dispersionShape[p],
      );
    }
    if (first >= end) continue;
    const cut = (values: Uint16Array) => values.subarray(offset + first, offset + end);
    const stockSeries = {
      demand: cut(unconstrainedDemand),
      sold: cut(quantitySold),
      onHand: cut(onHand),
      received: cut(received),
      wasted: cut(wasted),
    };
    const stockRng = streamRng(seed, STREAM.stock, l * SAMPLE_PRODUCT_COUNT + p);
    simulateStock(products[p], stockSeries, expectedDemand[offset + first] * uniform(stockRng, 0.8, 1.4), stockRng);
    for (let day = first; day < end; day++) stockout[offset + day] = onHand[offset + day] === 0 ? 1 : 0;
  }

  return {
    label: SAMPLE_LABEL,
    seed,
    products,
    locations: sampleLocations(locationCount),
    events: sampleEvents(),
    dates: Array.from({ length: days }, (_, d) => isoDay(start + d)),
    firstDay,
    endDay,
    quantitySold,
    onHand,
    price: market.price,
    promotion: market.promotion,
    rainfallMm,
    truth: {
      expectedDemand,
      unconstrainedDemand,
      stockout,
      received,
      wasted,
      weekdayFactors: WEEKDAY_FACTORS,
      festivalLifts: FESTIVAL_EFFECTS,
      profileTraits: PROFILE_TRAITS,
      productProfiles: traits.map(({ profile }) => profile),
      ...response,
      growthPerYear,
      dayShock,
    },
  };
}

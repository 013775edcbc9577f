import { dayOfYear, epochDay, isoDay, weekday } from './calendar.ts';
import { sampleEvents } from './events.ts';
import type { StoreTraits } from './locations.ts';
import type { Market } from './market.ts';
import type { ProductTraits, SampleProduct } from './products.ts';
import { FESTIVAL_EFFECTS, PROFILE_TRAITS, SAMPLE_PROFILES, WEEKDAY_FACTORS, type SampleProfile } from './profiles.ts';
import { gaussian, STREAM, streamRng, uniform } from './random.ts';
import { rainIntensity } from './weather.ts';

/** Day on which velocities and store sizes hold; growth runs from it in both directions. */
const ANCHOR_DAY = epochDay('2024-04-01');
const LAUNCH_RAMP_DAYS = 30;
const FADE_DAYS = 20;

/** Drawn properties of the products: how they answer to price and promotion, and how noisy they are. */
export interface ProductResponse {
  readonly priceElasticity: Float32Array;
  readonly promotionLift: Float32Array;
  readonly dispersionShape: Float32Array;
}

/** Draws each product's response around that of its profile. */
export function drawResponses(seed: number, traits: readonly ProductTraits[]): ProductResponse {
  const priceElasticity = new Float32Array(traits.length);
  const promotionLift = new Float32Array(traits.length);
  const dispersionShape = new Float32Array(traits.length);
  traits.forEach(({ profile, velocity }, p) => {
    const rng = streamRng(seed, STREAM.response, p);
    priceElasticity[p] = PROFILE_TRAITS[profile].elasticity * uniform(rng, 0.8, 1.2);
    promotionLift[p] = 1 + (PROFILE_TRAITS[profile].promotionLift - 1) * uniform(rng, 0.7, 1.3);
    dispersionShape[p] = velocity >= 3 ? 100 : velocity >= 0.5 ? 12 : 1;
  });
  return { priceElasticity, promotionLift, dispersionShape };
}

/** Season, start of the month and festivals together, as a factor by day for one profile. */
export function calendarFactors(profile: SampleProfile, firstDay: number, days: number): Float64Array {
  const { seasonAmplitude, seasonPeak, monthStart } = PROFILE_TRAITS[profile];
  const factors = Float64Array.from({ length: days }, (_, d) => {
    const phase = (2 * Math.PI * (dayOfYear(firstDay + d) - seasonPeak)) / 365.25;
    const salary = Number(isoDay(firstDay + d).slice(8)) <= 5 ? monthStart : 1;
    return Math.exp(seasonAmplitude * Math.cos(phase)) * salary;
  });
  for (const { name, date } of sampleEvents()) {
    const { leadDays, lift } = FESTIVAL_EFFECTS[name];
    const festival = epochDay(date) - firstDay;
    for (let before = 0; before <= leadDays; before++) {
      const day = festival - before;
      if (day >= 0 && day < days) factors[day] *= 1 + (lift[profile] ?? 0) * (1 - before / (leadDays + 1));
    }
  }
  return factors;
}

/** Weekday, calendar, price, promotion and a slow drift in taste as one factor, [product][day]. */
export function productFactors(
  seed: number,
  firstDay: number,
  days: number,
  products: readonly SampleProduct[],
  traits: readonly ProductTraits[],
  response: ProductResponse,
  market: Market,
): Float32Array {
  const calendars = new Map(SAMPLE_PROFILES.map((profile) => [profile, calendarFactors(profile, firstDay, days)]));
  const factors = new Float32Array(products.length * days);
  products.forEach((product, p) => {
    const rng = streamRng(seed, STREAM.drift, p);
    const calendar = calendars.get(traits[p].profile)!;
    const week = WEEKDAY_FACTORS[product.category];
    let drift = 0.06 * gaussian(rng);
    for (let day = 0; day < days; day++) {
      // A first-order autoregression whose standard deviation stays at 6 %.
      drift = 0.985 * drift + 0.06 * Math.sqrt(1 - 0.985 ** 2) * gaussian(rng);
      const cell = p * days + day;
      const priceEffect = Math.pow(market.price[cell] / product.current_price, response.priceElasticity[p]);
      const promotionEffect = market.promotion[cell] ? response.promotionLift[p] : 1;
      factors[cell] = week[weekday(firstDay + day)] * calendar[day] * Math.exp(drift) * priceEffect * promotionEffect;
    }
  });
  return factors;
}

/** Growth and rain as one factor, [location][profile][day]. */
export function locationFactors(
  firstDay: number,
  days: number,
  stores: readonly StoreTraits[],
  growthPerYear: Float32Array,
  rainfallMm: Float32Array,
): Float32Array {
  const factors = new Float32Array(stores.length * SAMPLE_PROFILES.length * days);
  stores.forEach(({ size }, l) => {
    SAMPLE_PROFILES.forEach((profile, k) => {
      const { rain } = PROFILE_TRAITS[profile];
      for (let day = 0; day < days; day++) {
        const growth = Math.pow(1 + growthPerYear[l], (firstDay + day - ANCHOR_DAY) / 365.25);
        const wet = 1 + (rain - 1) * rainIntensity(rainfallMm[l * days + day]);
        factors[(l * SAMPLE_PROFILES.length + k) * days + day] = size * growth * wet;
      }
    });
  });
  return factors;
}

/**
 * What a day brings that nobody can foresee and that all products of a store share, as a factor with mean 1,
 * [location][day]: 3 % of it is the city's and 4 % the store's own. It makes the errors of a total larger than those of
 * independent series would be.
 */
export function dayShocks(seed: number, locations: number, days: number): Float32Array {
  const cityRng = streamRng(seed, STREAM.shock, 0);
  const city = Float64Array.from({ length: days }, () => 0.03 * gaussian(cityRng));
  const shocks = new Float32Array(locations * days);
  for (let l = 0; l < locations; l++) {
    const rng = streamRng(seed, STREAM.shock, l + 1);
    for (let day = 0; day < days; day++) {
      shocks[l * days + day] = Math.exp(city[day] + 0.04 * gaussian(rng) - (0.03 ** 2 + 0.04 ** 2) / 2);
    }
  }
  return shocks;
}

/** Factor of a product that is new on the shelf or about to leave it; 1 in between and for what was always there. */
export function lifeCycleFactor(day: number, firstDay: number, endDay: number, days: number): number {
  const ramp = firstDay > 0 ? Math.min(1, 0.4 + (0.6 * (day - firstDay)) / LAUNCH_RAMP_DAYS) : 1;
  const fade = endDay < days ? Math.min(1, 0.4 + (0.6 * (endDay - 1 - day)) / FADE_DAYS) : 1;
  return ramp * fade;
}

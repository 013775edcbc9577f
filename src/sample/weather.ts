import { dayOfYear } from './calendar.ts';
import { STREAM, streamRng } from './random.ts';

/** Chance that a dry day is followed by a wet one, by month from January, and mean millimetres of a wet day (Hyderabad). */
const WET_AFTER_DRY = [0.01, 0.02, 0.03, 0.06, 0.1, 0.28, 0.42, 0.42, 0.34, 0.2, 0.06, 0.02];
const MEAN_RAIN_MM = [5, 5, 6, 8, 10, 13, 15, 15, 16, 14, 9, 5];
/** How much likelier rain is on the day after a wet day: spells last two or three days. */
const PERSISTENCE = 0.3;

/**
 * Simulated rainfall, millimetres a day, [location][day]: wet and dry spells are the city's, amounts differ by store.
 * @param firstDay days since 1970-01-01 of the first day
 */
export function simulateRainfall(seed: number, firstDay: number, days: number, locations: number): Float32Array {
  const cityRng = streamRng(seed, STREAM.weather, 0);
  const localRngs = Array.from({ length: locations }, (_, l) => streamRng(seed, STREAM.weather, l + 1));
  const rainfall = new Float32Array(locations * days);
  let wet = false;
  for (let day = 0; day < days; day++) {
    const month = Math.min(11, Math.floor((dayOfYear(firstDay + day) - 1) / 30.5));
    wet = cityRng() < WET_AFTER_DRY[month] + (wet ? PERSISTENCE : 0);
    const cityAmount = -Math.log(1 - cityRng()) * MEAN_RAIN_MM[month];
    for (let l = 0; l < locations; l++) {
      const share = 0.4 + 1.2 * localRngs[l]();
      if (wet) rainfall[l * days + day] = Math.round(cityAmount * share * 10) / 10;
    }
  }
  return rainfall;
}

/** How strongly rain acts on demand, 0 … 1: not at all when dry, fully from 15 mm on. */
export function rainIntensity(rainfallMm: number): number {
  return Math.min(1, rainfallMm / 15);
}

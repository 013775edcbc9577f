import { daylight, elongation, moonLongitude, sidereal, sunLongitude, timeOf } from './sky.ts';

/**
 * Days of the Indian lunisolar calendar. Months are those that end with the new moon, counted from Chaitra = 0; lunar days run
 * from 1 after the new moon to 30, the new moon. Civil days are counted from 1970-01-01.
 */

/** Part of a day in which a lunar day must prevail for its festival to be kept on that day. */
export type DayPart = 'sunrise' | 'forenoon' | 'midday' | 'afternoon' | 'dusk' | 'evening' | 'midnight';

const MOON_PER_DAY = 12.190749;
const MONTH_DAYS = 29.530588;
const J2000_DAY = 10_957;
const HOUR = 1 / 24;

/** When a part of a civil day begins and ends; the parts of the day are fifths of daylight. */
function partOf(part: DayPart, day: number): readonly [number, number] {
  const { rise, set } = daylight(day);
  const fifth = (set - rise) / 5;
  if (part === 'sunrise') return [rise, rise + HOUR / 60];
  if (part === 'forenoon') return [rise + 2.4 * HOUR, rise + 2.41 * HOUR];
  if (part === 'midday') return [rise + 2 * fifth, rise + 3 * fifth];
  if (part === 'afternoon') return [rise + 3 * fifth, rise + 4 * fifth];
  const night = daylight(day + 1).rise - set;
  if (part === 'dusk') return [rise + 4 * fifth, set + night / 5];
  if (part === 'evening') return [set, set + night / 5];
  return [set + (night * 7) / 15, set + (night * 8) / 15];
}

/** Beginnings of the months, as times of new moons, from the December before a year on. */
function newMoons(year: number): number[] {
  const first = timeOf(elongation, 0, (year - 2000) * 365.2425 - 30, MOON_PER_DAY);
  return Array.from({ length: 15 }, (_, i) => timeOf(elongation, 0, first + i * MONTH_DAYS, MOON_PER_DAY));
}

const signAt = (time: number) => Math.floor(sidereal(sunLongitude(time), time) / 30);

/** Beginning of a month; of two of the same name the second, since the first is the one put in. */
function monthStart(year: number, month: number): number {
  const moons = newMoons(year);
  for (let i = 0; i + 1 < moons.length; i++) {
    const sign = signAt(moons[i]);
    if ((sign + 1) % 12 === month && signAt(moons[i + 1]) !== sign && yearOf(moons[i] + 15) === year) return moons[i];
  }
  throw new Error(`There is no month ${month} in ${year}`);
}

const yearOf = (time: number) => new Date((time + J2000_DAY + 0.5) * 86_400_000).getUTCFullYear();

/**
 * The civil day on which a lunar day is kept: the one in whose part it prevails longest, or the `last` one in whose part it
 * prevails at all. Where it misses that part altogether it is kept on the day on which it begins, if mornings count, and else on
 * the day on which it ends.
 */
export function dayOfLunarDay(
  year: number,
  month: number,
  lunarDay: number,
  part: DayPart,
  choice: 'longest' | 'last' = 'longest',
): number {
  const start = monthStart(year, month);
  const bound = (count: number) =>
    timeOf(elongation, (count * 12) % 360, start + (count * MONTH_DAYS) / 30, MOON_PER_DAY);
  const [from, to] = [bound(lunarDay - 1), bound(lunarDay)];
  let best = -1;
  let most = 0;
  for (let day = civilDay(from) - 1; day <= civilDay(to); day++) {
    const [begin, end] = partOf(part, day);
    const share = Math.min(1, (Math.min(end, to) - Math.max(begin, from)) / (end - begin));
    if (share <= 0 || (choice === 'longest' && share <= most)) continue;
    best = day;
    most = share;
  }
  if (best >= 0) return best;
  return civilDay(part === 'sunrise' || part === 'forenoon' ? from : to);
}

/** Civil day of India at a time. */
const civilDay = (time: number) => Math.floor(time + J2000_DAY + 0.5 + 5.5 * HOUR);

/** The civil day of India in which the sun enters a sign of the zodiac, or the next where it does so after sunset. */
export function dayOfSunEntering(year: number, sign: number): number {
  const near = (year - 2000) * 365.2425 + 104 + sign * 30.44 - (sign >= 9 ? 365.2425 : 0);
  const time = timeOf((at) => sidereal(sunLongitude(at), at), sign * 30, near, 0.985647);
  const day = civilDay(time);
  return time > daylight(day).set ? day + 1 : day;
}

/**
 * The civil day of India on which the moon stands in an asterism (0..26) at sunrise while the sun is in a sign; the last such
 * day if there are two.
 */
export function dayOfAsterism(year: number, sign: number, asterism: number): number {
  const entered = dayOfSunEntering(year, sign);
  let found = -1;
  for (let day = entered; day < entered + 31; day++) {
    const { rise } = daylight(day);
    if (asterismAt(rise) === asterism) found = day;
  }
  return found;
}

/** Whether the moon stands in an asterism (0..26) in the middle of the afternoon of a civil day. */
export function inAsterism(day: number, asterism: number): boolean {
  const [begin, end] = partOf('afternoon', day);
  return asterismAt((begin + end) / 2) === asterism;
}

/** Whether a lunar day prevails some hours after the sunrise of a civil day. */
export function prevailsInForenoon(day: number, lunarDay: number): boolean {
  return Math.floor(elongation(partOf('forenoon', day)[0]) / 12) + 1 === lunarDay;
}

const asterismAt = (time: number) => Math.floor(sidereal(moonLongitude(time), time) / (360 / 27));

/**
 * Where sun and moon stand, after J. Meeus, Astronomical Algorithms, 2nd edition, chapters 25 and 47, with the larger terms of
 * the moon only: good to about 0.01°, a minute of time in the ends of lunar days. Times are days of UT since J2000
 * (2000-01-01T12:00), longitudes degrees.
 */

const RADIANS = Math.PI / 180;
const sine = (degrees: number) => Math.sin(degrees * RADIANS);
/** An angle between 0 and 360 degrees. */
export const turned = (degrees: number) => ((degrees % 360) + 360) % 360;

/** Terrestrial time runs ahead of the turning Earth by some 70 seconds in these decades. */
const DELTA_T_DAYS = 70 / 86_400;

/** Multiples of D, M, M' and F, and the coefficient in millionths of a degree: table 47.A, the terms above 0.001°. */
const MOON_TERMS: readonly (readonly [number, number, number, number, number])[] = [
  [0, 0, 1, 0, 6288774],
  [2, 0, -1, 0, 1274027],
  [2, 0, 0, 0, 658314],
  [0, 0, 2, 0, 213618],
  [0, 1, 0, 0, -185116],
  [0, 0, 0, 2, -114332],
  [2, 0, -2, 0, 58793],
  [2, -1, -1, 0, 57066],
  [2, 0, 1, 0, 53322],
  [2, -1, 0, 0, 45758],
  [0, 1, -1, 0, -40923],
  [1, 0, 0, 0, -34720],
  [0, 1, 1, 0, -30383],
  [2, 0, 0, -2, 15327],
  [0, 0, 1, 2, -12528],
  [0, 0, 1, -2, 10980],
  [4, 0, -1, 0, 10675],
  [0, 0, 3, 0, 10034],
  [4, 0, -2, 0, 8548],
  [2, 1, -1, 0, -7888],
  [2, 1, 0, 0, -6766],
  [1, 0, -1, 0, -5163],
  [1, 1, 0, 0, 4987],
  [2, -1, 1, 0, 4036],
  [2, 0, 2, 0, 3994],
  [4, 0, 0, 0, 3861],
  [2, 0, -3, 0, 3665],
  [0, 1, -2, 0, -2689],
  [2, 0, -1, 2, -2602],
  [2, -1, -2, 0, 2390],
  [1, 0, 1, 0, -2348],
  [2, -2, 0, 0, 2236],
  [0, 1, 2, 0, -2120],
  [0, 2, 0, 0, -2069],
  [2, -2, -1, 0, 2048],
  [2, 0, 1, -2, -1773],
  [2, 0, 0, 2, -1595],
  [4, -1, -1, 0, 1215],
  [0, 0, 2, 2, -1110],
];

const centuries = (time: number) => (time + DELTA_T_DAYS) / 36_525;

/** Apparent longitude of the sun. */
export function sunLongitude(time: number): number {
  const t = centuries(time);
  const anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t;
  const centre =
    (1.914602 - 0.004817 * t - 0.000014 * t * t) * sine(anomaly) +
    (0.019993 - 0.000101 * t) * sine(2 * anomaly) +
    0.000289 * sine(3 * anomaly);
  const node = 125.04 - 1934.136 * t;
  return turned(280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre - 0.00569 - 0.00478 * sine(node));
}

/** Apparent longitude of the moon. */
export function moonLongitude(time: number): number {
  const t = centuries(time);
  const mean = 218.3164477 + 481267.88123421 * t - 0.0015786 * t * t;
  const d = 297.8501921 + 445267.1114034 * t - 0.0018819 * t * t;
  const m = 357.5291092 + 35999.0502909 * t - 0.0001536 * t * t;
  const moon = 134.9633964 + 477198.8675055 * t + 0.0087414 * t * t;
  const f = 93.272095 + 483202.0175233 * t - 0.0036539 * t * t;
  const eccentricity = 1 - 0.002516 * t - 0.0000074 * t * t;
  let sum = 3958 * sine(119.75 + 131.849 * t) + 1962 * sine(mean - f) + 318 * sine(53.09 + 479264.29 * t);
  for (const [ofD, ofM, ofMoon, ofF, coefficient] of MOON_TERMS)
    sum += coefficient * eccentricity ** Math.abs(ofM) * sine(ofD * d + ofM * m + ofMoon * moon + ofF * f);
  const node = 125.04 - 1934.136 * t;
  return turned(mean + sum / 1e6 - 0.00478 * sine(node));
}

/** How far the moon stands ahead of the sun; 12 degrees are a lunar day, 0 is the new moon. */
export const elongation = (time: number) => turned(moonLongitude(time) - sunLongitude(time));

/** A longitude among the fixed stars, by the ayanamsa of the Indian calendar reform (Lahiri). */
export const sidereal = (longitude: number, time: number) => turned(longitude - 23.85306 - 1.39722 * centuries(time));

/** Sunrise and sunset of a civil day of India, upper limb with refraction, for the place that its national calendar takes. */
export function daylight(day: number): { readonly rise: number; readonly set: number } {
  const { latitude, longitude } = { latitude: 23 + 11 / 60, longitude: 82.5 };
  const noon = day - J2000_DAY - longitude / 360;
  const sun = sunLongitude(noon);
  const declination = Math.asin(sine(23.4393) * sine(sun));
  const ascension = Math.atan2(Math.cos(23.4393 * RADIANS) * sine(sun), Math.cos(sun * RADIANS)) / RADIANS;
  const equation = ((((280.46646 + 36000.76983 * centuries(noon) - ascension) % 360) + 540) % 360) - 180;
  const phi = latitude * RADIANS;
  const height = sine(-0.8333) - Math.sin(phi) * Math.sin(declination);
  const half = Math.acos(height / (Math.cos(phi) * Math.cos(declination))) / RADIANS / 360;
  const transit = noon - equation / 360;
  return { rise: transit - half, set: transit + half };
}

/** The civil day 2000-01-01, counted from 1970-01-01; noon of it in UT is time 0. */
const J2000_DAY = 10_957;

/** The time at which an angle that grows with time reaches `target`, at most half a turn from where it stands at `near`. */
export function timeOf(angle: (time: number) => number, target: number, near: number, degreesPerDay: number): number {
  let time = near;
  for (let step = 0; step < 8; step++) time += (turned(target - angle(time) + 180) - 180) / degreesPerDay;
  return time;
}

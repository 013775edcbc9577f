import { dayOf } from '../civil-day.ts';
import { dayOfAsterism, dayOfLunarDay, dayOfSunEntering, inAsterism, prevailsInForenoon } from './lunar-days.ts';

/** How the day of a festival is found. */
export interface FestivalRule {
  readonly name: string;
  /** What the dates of the rule are known by; see `FESTIVAL_TABLE`. */
  readonly source: string;
  /** Days of a civil year, counted from 1970-01-01; more than one for feasts of the Islamic year. */
  days(year: number): number[];
}

const SUNDAY = 3;
/** Civil days since 1970-01-01 of which the remainder by seven is {@link SUNDAY} are Sundays. */
const sundayBefore = (day: number) => day - 1 - ((((day - 1 - SUNDAY) % 7) + 7) % 7);

const lunar = (name: string, ...where: ParametersAfterYear): FestivalRule => ({
  name,
  source: 'computed:tithi',
  days: (year) => [dayOfLunarDay(year, ...where)],
});
type ParametersAfterYear = Parameters<typeof dayOfLunarDay> extends [number, ...infer Rest] ? Rest : never;

const HIJRI = new Intl.DateTimeFormat('en-u-ca-islamic-umalqura-nu-latn', {
  day: 'numeric',
  month: 'numeric',
  timeZone: 'UTC',
});

/**
 * Feasts of the Islamic year: the day after the one of the Umm al-Qura calendar, for India mostly sights the moon a day after
 * Arabia. Until it is sighted such a day is expected only, and may be one off.
 */
const islamic = (name: string, month: number, dayOfMonth: number): FestivalRule => ({
  name,
  source: 'expected:umm-al-qura+1',
  days: (year) => {
    const found: number[] = [];
    for (let day = dayOf(`${year}-01-01`); day < dayOf(`${year + 1}-01-01`); day++) {
      const parts = HIJRI.formatToParts((day - 1) * 86_400_000);
      const valueOf = (type: string) => Number(parts.find((part) => part.type === type)?.value);
      if (valueOf('month') === month && valueOf('day') === dayOfMonth) found.push(day);
    }
    return found;
  },
});

/** Months of the lunisolar year by their number. */
const [CHAITRA, ASHADHA, SHRAVANA, BHADRAPADA, ASHVINA, KARTIKA, MAGHA, PHALGUNA] = [0, 3, 4, 5, 6, 7, 10, 11];
const [SIMHA, MAKARA] = [4, 9];
/** The asterism of Onam and of the victory at Dussehra. */
const SHRAVANA_STAR = 21;

/** The tenth day in the afternoon; the next, if it still is the tenth then in the morning and only then the star is there. */
function dussehra(year: number): number {
  const day = dayOfLunarDay(year, ASHVINA, 10, 'afternoon');
  const next = day + 1;
  const later = prevailsInForenoon(next, 10) && inAsterism(next, SHRAVANA_STAR) && !inAsterism(day, SHRAVANA_STAR);
  return later ? next : day;
}

/** The festivals of India whose days move, and how. Months end with the new moon; lunar days 16 to 30 are the waning ones. */
export const FESTIVAL_RULES: readonly FestivalRule[] = [
  { name: 'Sankranti', source: 'computed:solar', days: (year) => [dayOfSunEntering(year, MAKARA)] },
  lunar('Maha Shivaratri', MAGHA, 29, 'midnight'),
  // Colours are thrown on the day after the fire, which is lit when the full moon rises.
  { name: 'Holi', source: 'computed:tithi', days: (year) => [dayOfLunarDay(year, PHALGUNA, 15, 'dusk', 'last') + 1] },
  lunar('Ugadi', CHAITRA, 1, 'sunrise'),
  lunar('Sri Rama Navami', CHAITRA, 9, 'midday'),
  islamic('Eid al-Fitr', 10, 1),
  islamic('Eid al-Adha', 12, 10),
  {
    // The holiday after the last Sunday of the month before its new moon, the day of the procession at Lal Darwaza.
    name: 'Bonalu',
    source: 'computed:tithi',
    days: (year) => [sundayBefore(dayOfLunarDay(year, ASHADHA, 30, 'sunrise')) + 1],
  },
  // The inauspicious first half of the full moon is avoided: the next day, if enough of it is left in the morning.
  lunar('Raksha Bandhan', SHRAVANA, 15, 'forenoon'),
  lunar('Janmashtami', SHRAVANA, 23, 'sunrise'),
  lunar('Ganesh Chaturthi', BHADRAPADA, 4, 'midday'),
  { name: 'Onam', source: 'computed:asterism', days: (year) => [dayOfAsterism(year, SIMHA, SHRAVANA_STAR)] },
  lunar('Bathukamma', BHADRAPADA, 30, 'sunrise'),
  lunar('Navratri', ASHVINA, 1, 'sunrise'),
  { name: 'Dussehra', source: 'computed:tithi', days: (year) => [dussehra(year)] },
  lunar('Dhanteras', ASHVINA, 28, 'evening', 'last'),
  lunar('Diwali', ASHVINA, 30, 'evening'),
  lunar('Chhath', KARTIKA, 6, 'evening'),
  lunar('Guru Nanak Jayanti', KARTIKA, 15, 'sunrise'),
];

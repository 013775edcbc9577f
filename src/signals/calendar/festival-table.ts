const days = (text: string) => text.trim().split(/\s+/);

/**
 * Days of the festivals of India, 2014 to 2030, with where each is from:
 * - `computed:tithi`, `computed:solar`, `computed:asterism`: by the rules of `festival-rules.ts` from the places of sun and
 *   moon, for the central place of the national calendar. A spec computes them again and holds them against dates as the
 *   authors remember them, which were not looked up in an official list. States may keep a festival a day earlier or later; a planner's own date stands before these.
 * - `expected:umm-al-qura+1`: the day after the one of the Umm al-Qura calendar; the sighting of the moon may move it by one.
 * - `unverified:moon-sighting`, `unverified:holiday-list`: kept in India on this day as the authors
 *   remember, which is not the one of the rule; not looked up in an official list either.
 */
export const FESTIVAL_TABLE: readonly {
  readonly name: string;
  readonly source: string;
  /** ISO days. */
  readonly dates: readonly string[];
}[] = [
  {
    name: 'Sankranti',
    source: 'computed:solar',
    dates: days(`
      2014-01-14 2015-01-15 2016-01-15 2017-01-14 2018-01-14 2019-01-15 2020-01-15 2021-01-14 2022-01-14
      2023-01-15 2024-01-15 2025-01-14 2026-01-14 2027-01-15 2028-01-15 2029-01-14 2030-01-14`),
  },
  {
    name: 'Maha Shivaratri',
    source: 'computed:tithi',
    dates: days(`
      2014-02-27 2015-02-17 2016-03-07 2017-02-24 2018-02-13 2019-03-04 2020-02-21 2021-03-11 2022-03-01
      2023-02-18 2024-03-08 2025-02-26 2026-02-15 2027-03-06 2028-02-23 2029-02-11 2030-03-02`),
  },
  {
    name: 'Holi',
    source: 'computed:tithi',
    dates: days(`
      2014-03-17 2015-03-06 2016-03-24 2017-03-13 2018-03-02 2019-03-21 2020-03-10 2021-03-29 2022-03-18
      2023-03-08 2024-03-25 2025-03-14 2026-03-04 2027-03-23 2028-03-11 2029-03-01 2030-03-20`),
  },
  {
    name: 'Ugadi',
    source: 'computed:tithi',
    dates: days(`
      2014-03-31 2015-03-21 2016-04-08 2018-03-18 2019-04-06 2020-03-25 2021-04-13 2022-04-02 2023-03-22
      2024-04-09 2025-03-30 2026-03-19 2027-04-07 2028-03-27 2029-04-14 2030-04-03`),
  },
  {
    name: 'Ugadi',
    source: 'unverified:holiday-list',
    dates: days(`
      2017-03-29`),
  },
  {
    name: 'Sri Rama Navami',
    source: 'computed:tithi',
    dates: days(`
      2014-04-08 2015-03-28 2016-04-15 2017-04-04 2018-03-25 2019-04-13 2020-04-02 2021-04-21 2022-04-10
      2023-03-30 2024-04-17 2025-04-06 2026-03-26 2027-04-15 2028-04-03 2029-04-23 2030-04-12`),
  },
  {
    name: 'Eid al-Fitr',
    source: 'expected:umm-al-qura+1',
    dates: days(`
      2014-07-29 2015-07-18 2016-07-07 2017-06-26 2018-06-16 2019-06-05 2020-05-25 2021-05-14 2022-05-03
      2023-04-22 2024-04-11 2025-03-31 2026-03-21 2027-03-10 2028-02-27 2029-02-15 2030-02-05`),
  },
  {
    name: 'Eid al-Adha',
    source: 'expected:umm-al-qura+1',
    dates: days(`
      2017-09-02 2018-08-22 2019-08-12 2020-08-01 2021-07-21 2022-07-10 2023-06-29 2024-06-17 2025-06-07
      2026-05-28 2027-05-17 2028-05-06 2029-04-25 2030-04-14`),
  },
  {
    name: 'Eid al-Adha',
    source: 'unverified:moon-sighting',
    dates: days(`
      2014-10-06 2015-09-25 2016-09-13`),
  },
  {
    name: 'Bonalu',
    source: 'computed:tithi',
    dates: days(`
      2014-07-21 2015-08-10 2016-08-01 2017-07-17 2018-08-06 2019-07-29 2020-07-20 2021-08-02 2022-07-25
      2023-07-17 2024-07-29 2025-07-21 2026-08-10 2027-08-02 2028-07-17 2029-08-06 2030-07-29`),
  },
  {
    name: 'Raksha Bandhan',
    source: 'computed:tithi',
    dates: days(`
      2014-08-10 2015-08-29 2016-08-18 2017-08-07 2018-08-26 2019-08-15 2020-08-03 2021-08-22 2022-08-11
      2023-08-30 2024-08-19 2025-08-09 2026-08-28 2027-08-17 2028-08-05 2029-08-23 2030-08-13`),
  },
  {
    name: 'Janmashtami',
    source: 'computed:tithi',
    dates: days(`
      2014-08-18 2015-09-05 2016-08-25 2017-08-15 2018-09-03 2019-08-24 2020-08-12 2021-08-30 2022-08-19
      2023-09-07 2024-08-26 2025-08-16 2026-09-04 2027-08-25 2028-08-13 2029-09-01 2030-08-21`),
  },
  {
    name: 'Ganesh Chaturthi',
    source: 'computed:tithi',
    dates: days(`
      2014-08-29 2015-09-17 2016-09-05 2017-08-25 2018-09-13 2019-09-02 2020-08-22 2021-09-10 2022-08-31
      2023-09-19 2024-09-07 2025-08-27 2026-09-14 2027-09-04 2028-08-23 2029-09-11 2030-09-01`),
  },
  {
    name: 'Onam',
    source: 'computed:asterism',
    dates: days(`
      2014-09-07 2015-08-28 2016-09-14 2017-09-04 2018-08-25 2019-09-11 2020-08-31 2021-08-21 2022-09-08
      2023-08-29 2024-09-15 2025-09-05 2026-08-26 2027-09-13 2028-09-01 2029-08-22 2030-09-09`),
  },
  {
    name: 'Bathukamma',
    source: 'computed:tithi',
    dates: days(`
      2014-09-24 2015-10-12 2016-09-30 2017-09-20 2018-10-09 2019-09-28 2020-09-17 2021-10-06 2022-09-25
      2023-10-14 2024-10-02 2025-09-21 2026-10-10 2027-09-30 2028-09-18 2029-10-07 2030-09-27`),
  },
  {
    name: 'Navratri',
    source: 'computed:tithi',
    dates: days(`
      2014-09-25 2015-10-13 2016-10-01 2017-09-21 2018-10-10 2019-09-29 2020-10-17 2021-10-07 2022-09-26
      2023-10-15 2024-10-03 2025-09-22 2026-10-11 2027-09-30 2028-09-19 2029-10-08 2030-09-28`),
  },
  {
    name: 'Dussehra',
    source: 'computed:tithi',
    dates: days(`
      2014-10-03 2015-10-22 2016-10-11 2017-09-30 2018-10-19 2019-10-08 2020-10-25 2021-10-15 2022-10-05
      2023-10-24 2024-10-12 2025-10-02 2026-10-20 2027-10-09 2028-09-28 2029-10-16 2030-10-06`),
  },
  {
    name: 'Dhanteras',
    source: 'computed:tithi',
    dates: days(`
      2014-10-21 2015-11-09 2016-10-28 2017-10-17 2018-11-05 2019-10-25 2020-11-13 2021-11-02 2023-11-10
      2024-10-29 2025-10-18 2026-11-06 2027-10-27 2028-10-15 2029-11-04 2030-10-24`),
  },
  {
    name: 'Dhanteras',
    source: 'unverified:holiday-list',
    dates: days(`
      2022-10-22`),
  },
  {
    name: 'Diwali',
    source: 'computed:tithi',
    dates: days(`
      2014-10-23 2015-11-11 2016-10-30 2017-10-19 2018-11-07 2019-10-27 2020-11-14 2021-11-04 2022-10-24
      2023-11-12 2024-10-31 2025-10-20 2026-11-08 2027-10-29 2028-10-17 2029-11-05 2030-10-26`),
  },
  {
    name: 'Chhath',
    source: 'computed:tithi',
    dates: days(`
      2014-10-29 2015-11-17 2016-11-05 2017-10-25 2018-11-13 2019-11-02 2020-11-20 2021-11-09 2022-10-30
      2023-11-18 2024-11-07 2025-10-27 2026-11-15 2027-11-04 2028-10-23 2029-11-11 2030-10-31`),
  },
  {
    name: 'Guru Nanak Jayanti',
    source: 'computed:tithi',
    dates: days(`
      2014-11-06 2015-11-25 2016-11-14 2017-11-04 2018-11-23 2019-11-12 2020-11-30 2021-11-19 2022-11-08
      2023-11-27 2024-11-15 2025-11-05 2026-11-24 2027-11-14 2028-11-02 2029-11-21 2030-11-10`),
  },
];

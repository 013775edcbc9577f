import { describe, expect, it } from '@jest/globals';
import { isoOf } from '../civil-day.ts';
import { FESTIVAL_RULES } from './festival-rules.ts';
import { FESTIVAL_TABLE } from './festival-table.ts';
import { festivalsOf } from './festivals.ts';

const YEARS = Array.from({ length: 17 }, (_, i) => 2014 + i);

/**
 * Days on which festivals were kept, as the authors remember them and not looked up in an official list; where states differ,
 * the day of most.
 */
const KEPT: Record<string, string> = {
  Diwali:
    '2014-10-23 2015-11-11 2016-10-30 2017-10-19 2018-11-07 2019-10-27 2020-11-14 2021-11-04 2022-10-24 2023-11-12 2024-10-31 2025-10-20 2026-11-08 2027-10-29 2028-10-17 2029-11-05 2030-10-26',
  Dussehra:
    '2014-10-03 2015-10-22 2016-10-11 2017-09-30 2018-10-19 2019-10-08 2020-10-25 2021-10-15 2022-10-05 2023-10-24 2024-10-12 2025-10-02 2026-10-20',
  Holi: '2014-03-17 2015-03-06 2016-03-24 2017-03-13 2018-03-02 2019-03-21 2020-03-10 2021-03-29 2022-03-18 2023-03-08 2024-03-25 2025-03-14 2026-03-04',
  Sankranti:
    '2014-01-14 2015-01-15 2016-01-15 2017-01-14 2018-01-14 2019-01-15 2020-01-15 2021-01-14 2022-01-14 2023-01-15 2024-01-15 2025-01-14',
  'Ganesh Chaturthi':
    '2014-08-29 2015-09-17 2016-09-05 2017-08-25 2018-09-13 2019-09-02 2020-08-22 2021-09-10 2022-08-31 2023-09-19 2024-09-07 2025-08-27 2026-09-14',
  'Raksha Bandhan':
    '2014-08-10 2015-08-29 2016-08-18 2017-08-07 2018-08-26 2019-08-15 2020-08-03 2021-08-22 2022-08-11 2023-08-30 2024-08-19 2025-08-09 2026-08-28',
  Onam: '2014-09-07 2015-08-28 2016-09-14 2017-09-04 2018-08-25 2019-09-11 2020-08-31 2021-08-21 2022-09-08 2023-08-29 2024-09-15 2025-09-05',
  Navratri:
    '2014-09-25 2015-10-13 2016-10-01 2017-09-21 2018-10-10 2019-09-29 2020-10-17 2021-10-07 2022-09-26 2023-10-15 2024-10-03 2025-09-22',
  Bonalu: '2022-07-25 2023-07-17 2024-07-29 2025-07-21 2026-08-10',
  Ugadi:
    '2014-03-31 2015-03-21 2016-04-08 2017-03-29 2018-03-18 2019-04-06 2020-03-25 2021-04-13 2022-04-02 2023-03-22 2024-04-09 2025-03-30 2026-03-19',
  'Eid al-Fitr':
    '2014-07-29 2015-07-18 2016-07-07 2017-06-26 2018-06-16 2019-06-05 2020-05-25 2021-05-14 2022-05-03 2023-04-22 2024-04-11 2025-03-31 2026-03-21',
  'Eid al-Adha':
    '2014-10-06 2015-09-25 2016-09-13 2017-09-02 2018-08-22 2019-08-12 2020-08-01 2021-07-21 2022-07-10 2023-06-29 2024-06-17 2025-06-07',
};

const datesOf = (name: string) =>
  FESTIVAL_TABLE.filter((row) => row.name === name)
    .flatMap(({ dates }) => dates)
    .sort();

describe('festivals of India', () => {
  it.each(Object.entries(KEPT))('has %s on the days it was kept', (name, kept) => {
    expect(datesOf(name)).toEqual(expect.arrayContaining(kept.split(' ')));
    expect(datesOf(name)).toHaveLength(YEARS.length);
  });

  it('has in its table what the rules give, but for what is remembered otherwise', () => {
    const computed = FESTIVAL_RULES.flatMap(({ name, source, days }) =>
      YEARS.flatMap(days).map((day) => `${isoOf(day)} ${name} ${source}`),
    );
    const stated = FESTIVAL_TABLE.flatMap(({ name, source, dates }) =>
      dates.map((date) => `${date} ${name} ${source}`),
    );
    const unverified = stated.filter((row) => row.includes('unverified:'));
    expect(unverified).toHaveLength(5);
    expect(new Set(computed)).toEqual(expect.objectContaining({ size: stated.length }));
    expect(stated.filter((row) => !computed.includes(row))).toEqual(unverified);
  });

  it('goes on by the rules where the table ends', () => {
    const names = (year: number) => new Set(festivalsOf(year).map(({ name }) => name));
    // Two feasts of the Islamic year may fall into one civil year, so days are not counted.
    expect(names(2031)).toEqual(names(2030));
    expect(festivalsOf(2031).find(({ name }) => name === 'Diwali')).toEqual({
      date: '2031-11-14',
      name: 'Diwali',
      kind: 'festival',
      source: 'computed:tithi',
    });
  });
});

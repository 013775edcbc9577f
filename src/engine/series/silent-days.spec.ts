import { describe, expect, it } from '@jest/globals';
import { silentDays } from './silent-days.ts';

/** Ten weeks of a place with so many rows a day, closed on the seventh of each week. */
const place = (rows: number) => Array.from({ length: 70 }, (_, day) => (day % 7 === 6 ? 0 : rows));
const none = () => false;

describe('silentDays', () => {
  it('finds the days whose rows are missing, in the middle and at the end', () => {
    const rows = place(40);
    for (const day of [15, 16, 67, 68]) rows[day] = 0;
    expect(silentDays(rows, none)).toEqual([15, 16, 67, 68]);
  });

  it('knows closed weekdays, closed holidays and places that sell next to nothing', () => {
    expect(silentDays(place(40), none)).toEqual([]);
    const holiday = place(40);
    holiday[22] = 0;
    expect(silentDays(holiday, (day) => day === 22)).toEqual([]);
    const small = place(3);
    small[22] = 0;
    expect(silentDays(small, none)).toEqual([]);
  });

  it('takes a place for silent that has just stopped, and for closed if it stays so', () => {
    expect(silentDays(place(40).fill(0, 65), none)).toEqual([65, 66, 67, 68]);
    expect(silentDays(place(40).fill(0, 30), none)).toEqual([]);
  });
});

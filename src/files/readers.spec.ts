import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dayFromCivil } from '../engine/index.ts';
import { readDates } from './dates.ts';
import { InputError, UsageError } from './input-error.ts';
import { readLong, readLongActuals } from './read-long.ts';
import { readM5, readM5Actuals } from './read-m5.ts';
import { READ_DEFAULTS } from './read-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'shelfcast-files-'));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const long = (content: string | Buffer, options: object = {}) =>
  readLong({ ...READ_DEFAULTS, sales: [file('long.csv', content)], horizon: 2, ...options });

describe('readLong', () => {
  it('understands quotes, semicolons, decimal commas, CRLF, a byte order mark and gzip', async () => {
    const text = '\ufeffDate;SKU;Store;Units;Price\r\n2024-01-01;"a;""b""";x;2;1,5\r\n2024-01-02;"a;""b""";x;3;2,5\r\n';
    const { panel, seriesNames } = await long(gzipSync(text));
    expect(seriesNames).toEqual(['a;"b" / x']);
    expect([...panel.sales]).toEqual([2, 3]);
    expect([...(panel.price ?? [])]).toEqual([1.5, 2.5]);
  });

  it('lets nothing after the end of training into the sales, and keeps what is planned', async () => {
    const text =
      'date,sku,y,price,promo,heat\n2024-01-01,a,1,2,0,5\n2024-01-02,a,2,2,0,6\n2024-01-03,a,99,3,1,7\n2024-01-04,a,,4,0,8\n';
    const input = await long(text, { trainUntil: '2024-01-02', known: ['price', 'heat'] });
    expect([...input.panel.sales]).toEqual([1, 2]);
    expect([...(input.future.price ?? [])]).toEqual([3, 4]);
    expect(input.future.promotion).toBeNull();
    expect([...(input.panel.covariates?.[0].values ?? [])]).toEqual([5, 6, 7, 8]);
    expect(input.dates).toEqual(['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04']);
    const actual = await readLongActuals({ ...READ_DEFAULTS, sales: [join(folder, 'long.csv')] }, input);
    expect([...actual]).toEqual([99, NaN]);
  });

  it('adds up duplicates, nets returns and tells missing rows from unknown ones', async () => {
    const text =
      'date,sku,qty\n2024-01-01,a,1\n2024-01-01,a,2\n2024-01-02,b,4\n2024-01-03,a,1\n2024-01-03,a,-5\n2024-01-03,b,\n2024-01-05,b,1\n';
    const { panel, notes } = await long(text);
    expect([...panel.sales]).toEqual([3, 0, 0, NaN, 0, NaN, 4, NaN, NaN, 1]);
    expect([...panel.firstPeriod]).toEqual([0, 1]);
    expect(notes.join()).toContain('1 periods with more returned than sold');
  });

  it('adds days up to weeks that end with the training, and to whole months', async () => {
    const lines = Array.from({ length: 75 }, (_, t) => {
      const date = new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
      return `${date},a,1,${t % 2}`;
    });
    const text = `date,sku,qty,promo\n${lines.join('\n')}\n`;
    const weeks = await long(text, { frequency: 'weekly', trainUntil: '2024-01-24' });
    expect([...weeks.panel.sales]).toEqual([7, 7, 7]);
    expect(weeks.dates[2]).toBe('2024-01-24');
    expect([...(weeks.panel.promotion ?? [])]).toEqual([1, 1, 1]);
    const months = await long(text, { frequency: 'monthly' });
    expect([...months.panel.sales]).toEqual([31, 29]);
    expect(months.dates).toEqual(['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01']);
  });

  it('sees weekly labels and makes attributes of texts that never change', async () => {
    const rows = ['2024-01-03', '2024-01-10', '2024-01-17'].flatMap((date) => [
      `${date},a,s1,1,red`,
      `${date},b,s1,2,red`,
      `${date},c,s1,3,blue`,
    ]);
    const { panel } = await long(`week_end_date,upc_id,store_id,units,colour\n${rows.join('\n')}\n`);
    expect(panel.frequency).toBe('weekly');
    expect(panel.startPeriod).toBe(dayFromCivil(2024, 1, 3));
    expect(panel.attributes?.map(({ name, of, codes }) => [name, of, ...codes])).toEqual([
      ['colour', 'product', 0, 0, 1],
    ]);
  });

  it('forecasts a new product that only has plans, from what describes it', async () => {
    const text =
      'date,sku,class,qty,price\n2024-01-01,a,x,1,2\n2024-01-02,a,x,2,2\n2024-01-03,a,x,,2\n2024-01-04,new,x,,9\n2024-02-01,later,x,,9\n';
    const { panel, seriesNames, future, notes, dates } = await long(text, { known: ['price'] });
    expect(seriesNames).toEqual(['a', 'new']);
    expect(dates[panel.periodCount]).toBe('2024-01-03');
    expect([...panel.firstPeriod]).toEqual([0, 2]);
    expect([...panel.sales]).toEqual([1, 2, NaN, NaN]);
    expect([...panel.category]).toEqual([0, 0]);
    expect([...(future.price ?? [])]).toEqual([2, NaN, NaN, 9]);
    expect(notes.join()).toContain('1 series have rows only after the end of training');
  });

  it('makes flags of planned texts, even where the first thousand rows looked like numbers', async () => {
    const days = Array.from({ length: 1100 }, (_, t) => new Date(Date.UTC(2020, 0, 1 + t)).toISOString().slice(0, 10));
    const text = `,Date,Store,Sales,StateHoliday\n${days.map((day, t) => `${t},${day},1,${t % 7},${t < 1090 ? '0' : 'a'}`).join('\n')}\n`;
    const input = await long(text, { known: ['stateholiday'], trainUntil: days[1097] });
    const [flag] = input.panel.covariates ?? [];
    expect([flag.name, flag.known, flag.stride]).toEqual(['state_holiday=a', true, 1100]);
    expect([...flag.values.subarray(1088)]).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect((await long(text)).notes.join()).toContain('column state_holiday changes within series and was ignored');
  });

  it('adds up repeated rows with a note and leaves a number of the row out', async () => {
    const days = Array.from({ length: 120 }, (_, t) => new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10));
    const rows = [...days, days[5]].map((day, t) => `${70 + t},${day},a,1`);
    const { panel, notes } = await long(`id,date,sku,qty\n${rows.join('\n')}\n`);
    expect(panel.sales[5]).toBe(2);
    expect(panel.covariates).toEqual([]);
    expect(notes.join()).toContain('1 periods of a series have more than one row');
    expect(notes.join()).toContain('column id numbers the rows');
  });

  it.each([
    ['2024-01-31 2024-02-29 2024-04-30', 'monthly', '2024-05-31'],
    ['2024-02 2024-03 2024-05', 'monthly', '2024-06'],
    ['2024-01-01 2024-02-01 2024-03-01', 'monthly', '2024-04-01'],
    ['2024-W51 2024-W52 2025-W02', 'weekly', '2025-01-13'],
    ['2024-01-06 2024-01-13 2024-01-27', 'weekly', '2024-02-03'],
    ['2024-01-01T22:00:00Z 2024-01-02T22:00:00Z 2024-01-03T22:00:00Z', 'daily', '2024-01-04'],
    ['2024-03-31T01:00+01:00 2024-03-31T03:00+02:00 2024-03-31T04:00+02:00', 'hourly', '2024-03-31 05:00'],
    ['1704067200 1704153600 1704240000', 'daily', '2024-01-04'],
  ])('sees from %s that it is %s', async (dates, frequency, next) => {
    const { panel, dates: all } = await long(
      `date,qty\n${dates
        .split(' ')
        .map((date) => `${date},1\n`)
        .join('')}`,
    );
    expect([panel.frequency, all[panel.periodCount]]).toEqual([frequency, next]);
  });

  it('reads numbers with thousands apart and currency signs', async () => {
    const points = await long('date,qty,price\n2024-01-01,"1,234.5",$2.50\n2024-01-02,1 000,3 €\n');
    expect([...points.panel.sales, ...(points.panel.price ?? [])]).toEqual([1234.5, 1000, 2.5, 3]);
    const commas = await long('date;qty;price\n2024-01-01;1.234,5;2,50\n2024-01-02;1 000,5;3\n');
    expect([...commas.panel.sales, ...(commas.panel.price ?? [])]).toEqual([1234.5, 1000.5, 2.5, 3]);
  });

  it.each([
    ['date,sku,qty,qty\n2024-01-01,a,1,2\n', /long\.csv, line 1: there are two columns qty/],
    ['date,qty\n2024-01-01,1e30\n', /line 2, column qty: 1e30 is too large/],
    ['date,qty\n45000,1\n', /line 2, column date: "45000" is not a date: it looks like the day number/],
    ['date,qty\n2020-01-01,1\n2020-04-01,1\n2020-07-01,1\n', /too far apart/],
    ['date,qty\r2020-01-01,1\r', /carriage returns/],
    ['date,qty\n2024-01-01,\n', /every quantity is empty/],
    [Buffer.from('date,sku,qty\n2024-01-01,caf\xe9,1\n', 'latin1'), /line 2, column sku: .* is not encoded as UTF-8/],
    ['date,sku,qty\n2024-01-01,a,many\n', /long\.csv, line 2, column qty: "many" is not a number/],
    ['date,sku,qty\n2024-02-30,a,1\n', /long\.csv, line 2, column date: "2024-02-30" is not a date/],
    ['date,sku,qty\n03\/04\/2024,a,1\n', /line 2, column date: "03\/04\/2024" may be day\/month/],
    ['date,sku,qty\n2024-01-01,a\n', /line 2: 2 columns where the header has 3/],
    ['date,sku,colour\n2024-01-01,a,red\n', /no column is a quantity/],
    ['', /the file is empty/],
  ])('refuses %j with the place', async (text, message) => {
    await expect(long(text)).rejects.toThrow(message);
    await expect(long(text)).rejects.toThrow(InputError);
  });
});

describe('readDates', () => {
  const where = (index: number) => `line ${index + 2}`;
  it('tells the order of day and month from the whole file', () => {
    const day = dayFromCivil(2024, 4, 3) * 24;
    expect(readDates(['03/04/2024', '25/04/2024'], where).hours[0]).toBe(day);
    expect(readDates(['04/03/2024', '04/25/2024'], where).hours[0]).toBe(day);
    expect(readDates(['03.04.2024', '20240403', '3-Apr-24'], where).hours.every((hour) => hour === day)).toBe(true);
    expect(() => readDates(['25/04/2024', '04/25/2024'], where)).toThrow('has the month first');
  });
});

describe('readM5', () => {
  const sales = file(
    'sales.csv',
    'id,item_id,dept_id,cat_id,store_id,state_id,d_1,d_2,d_3,d_4,d_5\nA_CA_1_validation,A,D,C,CA_1,CA,0,0,12,1,7\nB_TX_1_validation,B,D,C,TX_1,TX,0,0,0,0,1\n',
  );
  const calendar = file(
    'calendar.csv',
    'date,wm_yr_wk,d,event_name_1,event_name_2,snap_CA,snap_TX\n2011-01-29,1,d_1,,,0,1\n2011-01-30,1,d_2,,,1,0\n2011-01-31,2,d_3,,,0,0\n2011-02-01,2,d_4,Feast,Fair,1,0\n2011-02-02,2,d_5,,,0,1\n2011-02-03,3,d_6,Later,,0,0\n',
  );
  const prices = file('prices.csv', 'store_id,item_id,wm_yr_wk,sell_price\nCA_1,A,2,2.5\nTX_1,B,2,4\nCA_1,A,3,9.5\n');
  const options = { ...READ_DEFAULTS, sales: [sales], prices: [prices], calendar, trainUntil: 'd_4', horizon: 2 };

  it('cuts sales at the end of training and keeps plans of the horizon', async () => {
    const input = await readM5(options);
    const { panel, future } = input;
    expect([...panel.sales]).toEqual([NaN, NaN, 12, 1, NaN, NaN, 0, 0]);
    expect([...panel.firstPeriod]).toEqual([2, 2]);
    expect([...(panel.price ?? [])]).toEqual([NaN, NaN, 2.5, 2.5, NaN, NaN, 4, 4]);
    expect([...(future.price ?? [])]).toEqual([2.5, 9.5, 4, NaN]);
    expect([...(panel.covariates?.[0].values ?? [])]).toEqual([0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0]);
    expect(input.events.map(({ name }) => name)).toEqual(['Feast', 'Fair', 'Later']);
    expect(input.dates.at(-1)).toBe('2011-02-03');
    expect(input.dayLabels?.at(-1)).toBe('d_6');
    expect([...(await readM5Actuals([sales], input))]).toEqual([7, NaN, 1, NaN]);
  });

  it('takes a date for a day number and refuses days that are not there', async () => {
    expect((await readM5({ ...options, trainUntil: '2011-01-31' })).panel.periodCount).toBe(3);
    await expect(readM5({ ...options, trainUntil: 'd_9' })).rejects.toThrow(UsageError);
  });
});

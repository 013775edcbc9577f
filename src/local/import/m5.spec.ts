import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { readLayout, sumOf, type LayoutFiles } from '../../../test/support/read-layout.ts';
import { createRng } from '../../engine/index.ts';
import { isoDay } from './sales-lines.ts';

describe('the layout of M5', () => {
  const DAYS = 75;
  const FIRST_DAY = 15_003;
  const rng = createRng(7);
  const items = ['FOODS_1_001', 'FOODS_1_002', 'HOBBIES_2_001'];
  const stores = ['CA_1', 'TX_1'];
  const series = stores.flatMap((store) =>
    items.map((item, i) => {
      const released = i * 14;
      const units = Array.from({ length: DAYS }, (_, t) => (t < released ? 0 : Math.floor(rng() * 14) - 3)).map(
        (value) => Math.max(0, value),
      );
      return { store, item, released, units, price: (t: number) => 1.97 + i + (t >= 42 ? 0.11 : 0) };
    }),
  );
  const names = Array.from({ length: DAYS }, (_, t) => `d_${t + 1}`);
  const salesFile = (wanted = stores) =>
    [
      `id,item_id,dept_id,cat_id,store_id,state_id,${names.join(',')}`,
      ...series
        .filter(({ store }) => wanted.includes(store))
        .map(({ store, item, units }) =>
          [
            `${item}_${store}_evaluation`,
            item,
            item.slice(0, -4),
            item.split('_')[0],
            store,
            store.slice(0, 2),
            ...units,
          ].join(','),
        ),
    ].join('\n');
  const prices = [
    'store_id,item_id,wm_yr_wk,sell_price',
    ...series.flatMap(({ store, item, released, price }) =>
      Array.from({ length: 13 }, (_, week) => week * 7)
        .filter((t) => t >= released)
        .map((t) => `${store},${item},${11_101 + t / 7},${price(t).toFixed(2)}`),
    ),
  ].join('\n');
  const calendar = [
    'date,wm_yr_wk,weekday,d,event_name_1,event_type_1,event_name_2,event_type_2,snap_CA,snap_TX',
    ...Array.from({ length: DAYS + 14 }, (_, t) => {
      const event = t === 8 ? 'SuperBowl,Sporting,,' : t === 80 ? 'Easter,Cultural,OrthodoxEaster,Religious' : ',,,';
      return `${isoDay(FIRST_DAY + t)},${11_101 + Math.floor(t / 7)},x,d_${t + 1},${event},${t % 10 === 0 ? 1 : 0},0`;
    }),
  ].join('\n');
  const files = { 'sales_train_evaluation.csv': salesFile(), 'sell_prices.csv': prices, 'calendar.csv': calendar };

  /** What the file should come to, cell by cell. */
  const expected = series.flatMap(({ store, item, released, units, price }) =>
    units.flatMap((quantity, t) =>
      t < released
        ? []
        : [`${isoDay(FIRST_DAY + t)} ${item} ${store} ${quantity} ${Number(price(t - (t % 7)).toFixed(2))}`],
    ),
  );

  it('gives every cell from the release on with its price of the week, zeros included', async () => {
    const { rows, notes } = await readLayout('m5', files);
    const found = rows.map((row) => `${row.date} ${row.sku} ${row.location} ${row.quantity_sold} ${row.price}`);
    expect([...found].sort()).toEqual([...expected].sort());
    expect(rows.filter(({ quantity_sold }) => quantity_sold === '0').length).toBeGreaterThan(30);
    expect(sumOf(rows, 'quantity_sold')).toBe(series.flatMap(({ units }) => units).reduce((a, b) => a + b, 0));
    const categories = new Map(rows.flatMap(({ sku, category }) => (category ? [[sku, category]] : [])));
    expect(Object.fromEntries(categories)).toEqual({
      FOODS_1_001: 'FOODS_1',
      FOODS_1_002: 'FOODS_1',
      HOBBIES_2_001: 'HOBBIES_2',
    });
    expect(notes).toEqual([]);
  });

  it('goes by month, then product, place and day, as sales are stored', async () => {
    const { rows } = await readLayout('m5', files);
    const keys = rows.map(({ date, sku, location }) => `${date.slice(0, 7)} ${sku} ${location} ${date}`);
    expect(keys).toEqual([...keys].sort());
  });

  it('gives the same from a file per store, in gzip, and of some stores only', async () => {
    const whole = await readLayout('m5', files);
    const parts = await readLayout('m5', {
      'sales_CA_1.csv.gz': gzipSync(salesFile(['CA_1'])),
      'sales_TX_1.csv': salesFile(['TX_1']),
      'prices_all.csv.gz': gzipSync(prices),
      'calendar.csv.gz': gzipSync(calendar),
    });
    expect(parts.text).toBe(whole.text);
    const some = await readLayout('m5', files, ['TX_1']);
    expect(some.rows).toHaveLength(expected.filter((row) => row.includes('TX_1')).length);
    expect(some.places).toEqual([{ code: 'TX_1', name: 'TX_1', region: 'TX', timezone: 'America/Chicago' }]);
  });

  it('begins a series without prices with its first sale', async () => {
    const { rows, notes } = await readLayout('m5', { 'sales_x.csv': salesFile(), 'calendar.csv': calendar });
    const first = series.map(({ units }) => units.findIndex((quantity) => quantity > 0));
    expect(rows).toHaveLength(first.reduce((total, t) => total + DAYS - t, 0));
    expect(rows[0].price).toBe('');
    expect(notes.join()).toContain('no prices');
  });

  it('loses no sale that comes before the first price', async () => {
    const late = prices
      .split('\n')
      .filter((line) => !/^CA_1,FOODS_1_001,1110[1-3]/.test(line))
      .join('\n');
    const { rows } = await readLayout('m5', { ...files, 'sell_prices.csv': late });
    expect(sumOf(rows, 'quantity_sold')).toBe(series.flatMap(({ units }) => units).reduce((a, b) => a + b, 0));
    expect(rows.filter(({ price }) => price === '').length).toBeGreaterThan(0);
  });

  it('tells events to all and SNAP days to the stores of the state, as far as the calendar goes', async () => {
    const { signals } = await readLayout('m5', files);
    const named = signals.filter(({ name }) => name).map(({ day, name }) => [day - FIRST_DAY, name]);
    expect(named).toEqual([
      [8, 'SuperBowl'],
      [80, 'Easter'],
      [80, 'OrthodoxEaster'],
    ]);
    const own = signals.filter(({ location }) => location);
    expect(own.map(({ day, location }) => [location, day - FIRST_DAY])).toEqual(
      [0, 10, 20, 30, 40, 50, 60, 70, 80].map((t) => ['CA_1', t]),
    );
  });

  it('names file, line and column of what it cannot read', async () => {
    const message = (changed: LayoutFiles) => readLayout('m5', changed).then(String, (error: Error) => error.message);
    expect(await message({ 'calendar.csv': calendar })).toMatch(/there is no file sales_train_evaluation\.csv or/);
    expect(await message({ 'sales_x.csv': salesFile() })).toMatch(
      /there is no file calendar\.csv or calendar\.csv\.gz/,
    );
    const broken = salesFile().replace(/(\n[^\n]+\n[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,)\d+/, '$1many');
    expect(await message({ ...files, 'sales_train_evaluation.csv': broken })).toMatch(
      /sales_train_evaluation\.csv, line 3, column d_1: "many" is not a number/,
    );
    const unpriced = prices.replace('sell_price', 'cost');
    expect(await message({ ...files, 'sell_prices.csv': unpriced })).toMatch(
      /sell_prices\.csv, line 1: there is no column sell_price/,
    );
    const short = calendar.split('\n').slice(0, 50).join('\n');
    expect(await message({ ...files, 'calendar.csv': short })).toMatch(
      /calendar\.csv does not have all days d_1 to d_75/,
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { readLayout, sumOf } from '../../../test/support/read-layout.ts';
import { sheetXml, workbook } from '../../../test/support/workbook.ts';
import { isoDay } from './sales-lines.ts';

describe('the layout of Favorita', () => {
  const files = {
    'train.csv': `id,date,store_nbr,item_nbr,unit_sales,onpromotion
0,2015-01-31,25,103665,7.0,
1,2015-01-31,25,105574,1.5,False
2,2015-02-01,25,103665,2.0,True
3,2015-02-01,1,105574,-3.0,False
4,2015-02-02,1,105574,4.0,True
`,
    'items.csv': 'item_nbr,family,class,perishable\n103665,"BREAD/BAKERY, FRESH",2712,1\n105574,GROCERY I,1045,0\n',
    'stores.csv': 'store_nbr,city,state,type,cluster\n1,Quito,Pichincha,D,13\n25,Salinas,Santa Elena,D,1\n',
    'holidays_events.csv': `date,type,locale,locale_name,description,transferred
2015-01-01,Holiday,National,Ecuador,Primer dia del ano,False
2015-01-02,Bridge,National,Ecuador,Puente Primer dia del ano,False
2015-01-10,Work Day,National,Ecuador,Recupero Puente,False
2015-12-06,Holiday,Local,Quito,Fundacion de Quito,True
2015-12-07,Transfer,Local,Quito,Traslado Fundacion,False
2015-11-07,Holiday,Regional,Santa Elena,Provincializacion,False
`,
    'transactions.csv': 'date,store_nbr,transactions\n2015-01-31,25,770\n2015-02-01,1,2111\n',
    'oil.csv': 'date,dcoilwtico\n2015-01-01,\n',
  };

  it('gives every row with promotion and family', async () => {
    const { text, notes, places } = await readLayout('favorita', files);
    expect(text).toBe(`2015-01-31,103665,25,7,,"BREAD/BAKERY, FRESH"
2015-01-31,105574,25,1.5,0,GROCERY I
2015-02-01,103665,25,2,1,
2015-02-01,105574,1,0,0,
2015-02-02,105574,1,4,1,
`);
    expect(notes).toEqual([
      '1 rows with more returned than sold count as 0 units',
      'oil.csv is not loaded: prices of oil are no signal of places',
    ]);
    expect(places.map(({ code, city, region }) => [code, city, region])).toEqual([
      ['1', 'Quito', 'Pichincha'],
      ['25', 'Salinas', 'Santa Elena'],
    ]);
  });

  it('tells national days to all, local ones to their stores as they were kept, and transactions as traffic', async () => {
    const { signals } = await readLayout('favorita', files);
    const told = signals.map(({ signal, day, location, value, name, kind }) =>
      [signal, isoDay(day), location, value, name, kind].filter((cell) => cell !== undefined).join(' '),
    );
    expect(told).toEqual([
      'event 2015-01-01 Primer dia del ano holiday',
      'event 2015-01-02 Puente Primer dia del ano bridge',
      'event 2015-12-07 1 1',
      'event 2015-11-07 25 1',
      'traffic 2015-01-31 25 770',
      'traffic 2015-02-01 1 2111',
    ]);
  });

  it('takes the stores that are asked for, and the edition by family', async () => {
    const { rows, signals } = await readLayout('favorita', files, ['1']);
    expect([rows.length, sumOf(rows, 'quantity_sold')]).toEqual([2, 4]);
    expect(signals.filter(({ location }) => location === '25')).toEqual([]);
    const family = await readLayout('favorita', {
      'train.csv': 'id,date,store_nbr,family,sales,onpromotion\n0,2013-01-01,1,BOOKS,2.5,0\n1,2013-01-02,1,BOOKS,1,7\n',
    });
    expect(family.text).toBe('2013-01-01,BOOKS,1,2.5,0,\n2013-01-02,BOOKS,1,1,1,\n');
  });

  it('names file, line and column of what it cannot read', async () => {
    const message = (train: string) =>
      readLayout('favorita', { ...files, 'train.csv': train }).then(String, (error: Error) => error.message);
    const { 'train.csv': good } = files;
    expect(await message(good.replace('2.0', 'two'))).toMatch(
      /train\.csv, line 4, column unit_sales: "two" is not a n/,
    );
    expect(await message(good.replace('2015-02-02', '2.2.'))).toMatch(/line 6, column date: "2\.2\." is not a date/);
    expect(await message(good.replace('4.0', ''))).toMatch(/line 6, column unit_sales: the quantity is missing/);
    expect(await message(good.replace('store_nbr', 'shop'))).toMatch(
      /train\.csv, line 1: there is no column store_nbr/,
    );
  });
});

describe('the layout of Rossmann', () => {
  const files = {
    'train.csv': `"Store","DayOfWeek","Date","Sales","Customers","Open","Promo","StateHoliday","SchoolHoliday"
1,5,2015-07-31,5263,555,1,1,"0","1"
2,5,2015-07-31,6064,625,1,1,"0","0"
1,4,2015-05-14,0,0,0,0,"a","0"
2,4,2015-05-14,0,0,0,0,"a","0"
1,1,2015-01-06,100,10,1,0,"a","0"
2,1,2015-01-06,300,30,1,0,"0","0"
`,
    'store.csv': 'Store,StoreType\n1,c\n2,a\n',
  };

  it('gives the turnover of open days as quantity and revenue of one product', async () => {
    const { rows, notes } = await readLayout('rossmann', files);
    expect(rows.map((row) => Object.values(row).join(' '))).toEqual([
      '2015-07-31 ALL 1 5263 5263 1 Everything the store sells',
      '2015-07-31 ALL 2 6064 6064 1 Everything the store sells',
      '2015-01-06 ALL 1 100 100 0 Everything the store sells',
      '2015-01-06 ALL 2 300 300 0 Everything the store sells',
    ]);
    expect(notes[0]).toBe('2 days of stores that were closed are left out');
    expect((await readLayout('rossmann', files, ['2'])).rows).toHaveLength(2);
  });

  it('tells holidays of all stores to the calendar, others to their stores, and customers as traffic', async () => {
    const { signals } = await readLayout('rossmann', files);
    const told = signals.map(({ signal, day, location, value, name }) =>
      [signal, isoDay(day), location, value, name].filter((cell) => cell !== undefined).join(' '),
    );
    expect(told).toEqual([
      'event 2015-05-14 Public holiday',
      'event 2015-07-31 1 0.5',
      'traffic 2015-07-31 1 555',
      'traffic 2015-07-31 2 625',
      'event 2015-01-06 1 1',
      'traffic 2015-01-06 1 10',
      'traffic 2015-01-06 2 30',
    ]);
  });

  it('names file, line and column of what it cannot read', async () => {
    const bad = { 'train.csv': files['train.csv'].replace('6064', 'lots') };
    await expect(readLayout('rossmann', bad)).rejects.toThrow(
      /train\.csv, line 3, column Sales: "lots" is not a number/,
    );
    await expect(readLayout('rossmann', {})).rejects.toThrow(/there is no file train\.csv or train\.csv\.gz in it/);
  });
});

describe('the layout of Online Retail', () => {
  const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
  const lines = [
    '536365,85123A,"HOLDER, WHITE £1",6,12/1/2010 8:26,2.55,17850,United Kingdom',
    '536366,85123a,HOLDER,4,12/1/2010 9:00,2.55,13047,United Kingdom',
    '536367,85123A,HOLDER,10,12/13/2010 9:01,2.5,17850,United Kingdom',
    '536368,22752,SET 7 BOXES,2,12/13/2010 9:01,7.65,,France',
    '536369,POST,POSTAGE,3,12/13/2010 9:02,18,12583,France',
    // Takes back 8 of the ten of the 13th.
    'C536379,85123A,HOLDER,-8,12/14/2010 9:41,2.5,17850,United Kingdom',
    // Takes back the two that are left of these and five of the six of the 1st.
    'C536380,85123A,HOLDER,-7,12/15/2010 9:41,2.5,17850,United Kingdom',
    // Nobody's, and one that comes before the purchase.
    'C536381,22752,SET 7 BOXES,-1,12/15/2010 9:41,7.65,,France',
    'C536382,85123A,HOLDER,-1,12/1/2010 7:00,2.55,99999,United Kingdom',
    '536383,85123A,damaged,-20,12/15/2010 9:41,0,,United Kingdom',
    '536384,22752,given away,5,12/15/2010 9:41,0,,France',
  ];
  const csv = Buffer.from(`${[HEADER, ...lines].join('\n')}\n`, 'latin1');
  const expected = ['2010-12-01 85123A United Kingdom 5 12.75', '2010-12-13 22752 France 2 15.3'];
  const shown = (rows: readonly Record<string, string>[]) =>
    rows.map((row) => `${row.date} ${row.sku} ${row.location} ${row.quantity_sold} ${row.revenue}`);

  it('sums lines by product, country and day and nets cancellations against their purchases', async () => {
    const { rows, text, notes } = await readLayout('online-retail', { 'data.csv': csv });
    expect(shown(rows)).toEqual(expected);
    expect(text).toContain('"HOLDER, WHITE £1"');
    expect(text).not.toMatch(/17850|13047|12583/);
    expect(notes).toEqual([
      '2 lines left out: cancellations of more than the customer had bought before',
      '1 lines left out: negative quantities that are no cancellations',
      '1 lines left out: without a price',
      '1 lines left out: postage, fees and adjustments',
    ]);
  });

  it('reads the same from the sheets of a workbook', async () => {
    const cells = lines.map((line) => {
      const [invoice, code, description, quantity, date, price, customer, country] = line
        .replace('"HOLDER, WHITE £1"', 'HOLDER WHITE')
        .split(',');
      const [month, day, rest] = date.split('/');
      const serial = Date.UTC(Number(rest.slice(0, 4)), Number(month) - 1, Number(day)) / 86_400_000 + 25_569.4;
      return [invoice, code, description, Number(quantity), { n: serial, s: 1 }, Number(price), customer, country];
    });
    const header = [
      'Invoice',
      'StockCode',
      'Description',
      'Quantity',
      'InvoiceDate',
      'Price',
      'Customer ID',
      'Country',
    ];
    const file = workbook({
      sheets: {
        Notes: sheetXml([['no sales here']]),
        First: sheetXml([header, ...cells.slice(0, 3)]),
        // The sheets of the real one share nine days.
        Second: sheetXml([header, ...cells.slice(1)]),
      },
    });
    const { rows, notes } = await readLayout('online-retail', { 'online_retail_II.xlsx': file });
    expect(shown(rows)).toEqual(expected);
    expect(notes).toContain('2 lines left out: invoices that another file or sheet has too');
    const french = await readLayout('online-retail', { 'online_retail_II.xlsx': file }, ['France']);
    expect(shown(french.rows)).toEqual(expected.slice(1));
  });

  it('asks where the order of day and month is open, and names what it cannot read', async () => {
    const open = `${HEADER}\n536365,85123A,HOLDER,6,01/02/2010 8:26,2.55,17850,United Kingdom\n`;
    await expect(readLayout('online-retail', { 'data.csv': open })).rejects.toThrow(
      /data\.csv, line 2, column InvoiceDate/,
    );
    const bad = open.replace(',6,', ',six,');
    await expect(readLayout('online-retail', { 'data.csv': bad })).rejects.toThrow(
      /line 2, column Quantity: "six" is not a/,
    );
    const short = open.replace('UnitPrice', 'Costs');
    await expect(readLayout('online-retail', { 'data.csv': short })).rejects.toThrow(/no column unitprice or price/);
    await expect(readLayout('online-retail', { 'a.xlsx': 'PK\x03\x04 and no more' })).rejects.toThrow(
      /a\.xlsx: the workbook is damaged/,
    );
    const other = workbook({ sheets: { Notes: sheetXml([['no sales here']]) } });
    await expect(readLayout('online-retail', { 'a.xlsx': other })).rejects.toThrow(
      /sheet Notes, line 1: there is no column/,
    );
  });
});

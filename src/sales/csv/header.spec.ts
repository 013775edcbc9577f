import { describe, expect, it } from '@jest/globals';
import { detectDelimiter, mapHeader } from './header.ts';

const detect = (text: string) => detectDelimiter(Buffer.from(text), 0, Buffer.byteLength(text));

describe('detectDelimiter', () => {
  it.each([
    ['date,sku,location,qty\n2024-01-01;a;b;1', ','],
    ['date;sku;location;qty\r\n1,5', ';'],
    ['date\tsku\tlocation', '\t'],
    ['date|sku|location', '|'],
    ['"a,b,c,d";sku;location\n', ';'],
    ['date', ','],
  ])('in %j', (text, delimiter) => expect(detect(text)).toBe(delimiter));
});

describe('mapHeader', () => {
  it('understands aliases in any case and says so', () => {
    const { index, mapped, ignored, missing } = mapHeader(['Date', 'Store ID', 'ITEM', 'Units', 'Cashier']);
    expect(index).toMatchObject({ date: 0, location: 1, sku: 2, quantity_sold: 3, price: -1 });
    expect(mapped).toEqual({ Date: 'date', 'Store ID': 'location', ITEM: 'sku', Units: 'quantity_sold' });
    expect(ignored).toEqual(['Cashier']);
    expect(missing).toEqual([]);
  });

  it('prefers the exact name to an alias and reports the other as ignored', () => {
    const { index, ignored } = mapHeader(['product_id', 'sku', 'date', 'location', 'sales', 'quantity_sold']);
    expect(index.sku).toBe(1);
    expect(index.quantity_sold).toBe(5);
    expect(ignored).toEqual(['product_id', 'sales']);
  });

  it('names what is missing and what is there twice', () => {
    expect(mapHeader(['date', 'sku', 'sku']).missing).toEqual(['location', 'quantity_sold']);
    expect(mapHeader(['date', 'sku', 'sku']).repeated).toEqual(['sku']);
  });
});

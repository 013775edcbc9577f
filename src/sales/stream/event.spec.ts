import { describe, expect, it } from '@jest/globals';
import { EventReader, MAX_EVENT_BYTES } from './event.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const readerOf = (timezone = 'Asia/Kolkata') => new EventReader({ now: NOW, timezone });
const EVENT = {
  event_id: 'till-7/1',
  occurred_at: '2026-03-10T11:59:00Z',
  sku: 'SKU-1',
  location: 'DS1',
  quantity: 2,
  price: 19.5,
};
const refusal = (change: Record<string, unknown>) => readerOf().read({ ...EVENT, ...change });
const dayOf = (occurredAt: string, timezone?: string) => {
  const reader = readerOf(timezone);
  expect(reader.read({ ...EVENT, occurred_at: occurredAt })).toBeNull();
  return new Date(reader.accepted.days[0] * 86_400_000).toISOString().slice(0, 10);
};

describe('an event that is fit', () => {
  it('is kept in columns', () => {
    const reader = readerOf();
    const id = '0D9F7B1C-5A51-4F6B-8C0E-1234567890AB';
    expect(reader.read(EVENT)).toBeNull();
    const { occurred_at } = EVENT;
    const line = JSON.stringify({
      occurred_at,
      event_id: 'b',
      product_id: id,
      location_id: id,
      quantity: -1,
      price: null,
    });
    expect(reader.read(JSON.parse(line), line)).toBeNull();
    expect(reader.accepted).toMatchObject({
      ids: ['till-7/1', 'b'],
      products: ['SKU-1', id.toLowerCase()],
      locations: ['DS1', id.toLowerCase()],
      quantities: [2, -1],
      prices: [19.5, null],
      lines: [JSON.stringify(EVENT), line],
    });
  });

  it('belongs to the day it is at the business then', () => {
    expect(dayOf('2026-03-09T18:29:59.999Z')).toBe('2026-03-09');
    expect(dayOf('2026-03-09T18:30:00Z')).toBe('2026-03-10');
    expect(dayOf('2026-03-10T00:10:00+05:30')).toBe('2026-03-10');
    expect(dayOf('2026-03-09T23:59:00-04:00', 'America/New_York')).toBe('2026-03-09');
  });

  it('of an id that the batch has already counts once', () => {
    const reader = readerOf();
    expect([reader.read(EVENT), reader.read({ ...EVENT, quantity: 9 })]).toEqual([null, null]);
    expect(reader).toMatchObject({ duplicates: 1, accepted: { ids: ['till-7/1'], quantities: [2] } });
  });
});

describe('an event that is not fit', () => {
  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown field', { colour: 'red' }, 'colour', /no field/],
    ['a field of the prototype', JSON.parse('{"__proto__": 1}'), '__proto__', /no field/],
    ['no id', { event_id: undefined }, 'event_id', /missing/],
    ['an empty id', { event_id: ' ' }, 'event_id', /empty/],
    ['a long id', { event_id: 'x'.repeat(101) }, 'event_id', /longer than 100/],
    ['an id with a NUL', { event_id: 'a\u0000' }, 'event_id', /control/],
    ['half a character', { event_id: 'a\ud800' }, 'event_id', /control/],
    ['a number as id', { event_id: 7 }, 'event_id', /text/],
    ['no time', { occurred_at: null }, 'occurred_at', /time with a zone/],
    ['a time without a zone', { occurred_at: '2026-03-10T11:00:00' }, 'occurred_at', /time with a zone/],
    ['a day that does not exist', { occurred_at: '2026-02-30T11:00:00Z' }, 'occurred_at', /no existing/],
    ['a time to come', { occurred_at: '2026-03-10T12:06:00Z' }, 'occurred_at', /future/],
    ['a time long ago', { occurred_at: '2026-03-03T11:59:59Z' }, 'occurred_at', /7 days/],
    ['no product', { sku: undefined }, 'sku', /missing/],
    ['a product named twice', { product_id: '0d9f7b1c-5a51-4f6b-8c0e-1234567890ab' }, 'product_id', /beside sku/],
    ['an id of a product that is none', { sku: undefined, product_id: 'x' }, 'product_id', /UUID/],
    ['a long SKU', { sku: 'é'.repeat(101) }, 'sku', /longer than 200 bytes/],
    ['no place', { location: null }, 'location', /missing/],
    ['a quantity of nothing', { quantity: 0 }, 'quantity', /must not be 0/],
    ['a quantity that is no number', { quantity: '2' }, 'quantity', /number/],
    ['an infinite quantity', { quantity: Infinity }, 'quantity', /too large/],
    ['a price below zero', { price: -1 }, 'price', /negative/],
    ['a price that is no number', { price: 'free' }, 'price', /number/],
  ])('%s', (_, change, field, reason) => {
    expect(refusal(change)).toEqual({ field, reason: expect.stringMatching(reason) });
  });

  it('is no object, or too large', () => {
    for (const event of [null, 1, 'x', [EVENT]]) expect(readerOf().read(event)).toMatchObject({ field: 'event' });
    const line = JSON.stringify(EVENT).padEnd(MAX_EVENT_BYTES + 1);
    expect(readerOf().read(EVENT, line)).toMatchObject({
      field: 'event',
      reason: expect.stringMatching(/larger than/),
    });
    expect(readerOf().read(EVENT, line.slice(0, -1))).toBeNull();
  });

  it('leaves room for a clock that runs fast, and for all of seven days', () => {
    expect(refusal({ occurred_at: '2026-03-10T12:05:00Z' })).toBeNull();
    expect(refusal({ occurred_at: '2026-03-03T12:00:00Z' })).toBeNull();
  });
});

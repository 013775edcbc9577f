import { describe, expect, it } from '@jest/globals';
import { MAX_EVENTS, readEvents } from './read-body.ts';

const CLOCK = { now: Date.parse('2026-03-10T12:00:00Z'), timezone: 'UTC' };
const event = (id: string) => ({
  event_id: id,
  occurred_at: '2026-03-10T11:00:00Z',
  sku: 'A',
  location: 'X',
  quantity: 1,
});
const read = (body: unknown) =>
  readEvents(
    Buffer.isBuffer(body) ? { bytes: body, lines: true } : { bytes: Buffer.from(JSON.stringify(body)), lines: false },
    CLOCK,
  );
const lines = (...texts: string[]) => Buffer.from(texts.join('\n'));
const errorOf = (body: unknown): unknown => {
  try {
    return read(body);
  } catch (error) {
    return error;
  }
};

describe('the body of a request', () => {
  it('is one event, an array, or JSON lines', () => {
    expect(read(event('a')).accepted.ids).toEqual(['a']);
    expect(read([event('a'), event('b'), event('a')])).toMatchObject({ accepted: { ids: ['a', 'b'] }, duplicates: 1 });
    const text = `{ "quantity": 1.50, ${JSON.stringify(event('b')).slice(1, -14)}}`;
    const batch = read(lines(JSON.stringify(event('a')), '', `${text}\r`, ''));
    expect(batch.accepted.ids).toEqual(['a', 'b']);
    // As it came, figure by figure.
    expect(batch.accepted.lines[1]).toBe(text);
  });

  it('may hold some that are refused, each by its place, its field and the reason', () => {
    expect(read([{ ...event('a'), quantity: 0 }, event('b'), 7]).rejected).toEqual([
      { index: 0, field: 'quantity', reason: 'must not be 0' },
      { index: 2, field: 'event', reason: 'must be an object' },
    ]);
    const good = JSON.stringify(event('a'));
    expect(read(lines(good, '', '{', good.replace('"A"', 'null'), 'x'.repeat(1_000_000))).rejected).toEqual([
      { line: 3, field: 'event', reason: 'is not JSON' },
      { line: 4, field: 'sku', reason: 'is missing' },
      { line: 5, field: 'event', reason: 'is larger than 4096 bytes' },
    ]);
  });

  it('is refused as a whole when nothing in it is fit', () => {
    expect(errorOf({ ...event('a'), price: -1 })).toMatchObject({ status: 400, errors: [{ field: 'price' }] });
    expect(errorOf([1, event('a').sku])).toMatchObject({
      status: 400,
      errors: [{ field: '[0].event' }, { field: '[1].event' }],
    });
    expect(errorOf(lines('', 'no'))).toMatchObject({ status: 400, errors: [{ field: 'line 2.event' }] });
    expect(() => readEvents({ bytes: Buffer.from('[{'), lines: false }, CLOCK)).toThrow('body: is not JSON');
    for (const body of [[], lines('', '')])
      expect(errorOf(body)).toMatchObject({ status: 400, errors: [{ field: 'body' }] });
    for (const body of [null, 'text'])
      expect(errorOf(body)).toMatchObject({ status: 400, errors: [{ field: 'event' }] });
  });

  it('may hold ten thousand events and no more', () => {
    const most = Array.from({ length: MAX_EVENTS }, (_, i) => event(`e${i}`));
    expect(read(most).accepted.ids).toHaveLength(MAX_EVENTS);
    const many = [...most, event('x')];
    expect(errorOf(many)).toMatchObject({ status: 413, code: 'TOO_MANY_EVENTS' });
    expect(errorOf(lines(...many.map((one) => JSON.stringify(one))))).toMatchObject({ status: 413 });
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayInZone, formatDay, parseDay, parseDecimal } from './values.ts';

const decimal = (text: string, comma = false) => parseDecimal(Buffer.from(text), 0, text.length, comma);
const day = (text: string) => parseDay(Buffer.from(text), 0, text.length);

describe('parseDecimal', () => {
  it('gives the same double as Number for every plain decimal', () => {
    const written = fc
      .tuple(fc.boolean(), fc.maxSafeNat(), fc.integer({ min: 0, max: 12 }))
      .map(([minus, digits, decimals]) => {
        const text = String(digits).padStart(decimals + 1, '0');
        const at = text.length - decimals;
        return `${minus ? '-' : ''}${text.slice(0, at)}${decimals ? `.${text.slice(at)}` : ''}`;
      });
    fc.assert(
      fc.property(written, (text) => {
        expect(decimal(text) + 0).toBe(Number(text) + 0);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['1e3', 1000],
    ['1.5E-2', 0.015],
    ['.5', 0.5],
    ['5.', 5],
    ['007', 7],
  ])('reads %s', (text, value) => expect(decimal(text)).toBe(value));

  it.each([
    '',
    '-',
    '.',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    '1,000',
    '1 000',
    '1_000',
    '+1',
    '1.2.3',
    'abc',
    '1e',
    '--1',
    '²',
    '1e9999',
  ])('refuses %j', (text) => expect(Number.isFinite(decimal(text))).toBe(false));

  it('reads a decimal comma only where it is told to', () => {
    expect(decimal('3,25', true)).toBe(3.25);
    expect(decimal('3.25', true)).toBeNaN();
    expect(decimal('1.234,5', true)).toBeNaN();
    expect(decimal('3,25')).toBeNaN();
  });
});

describe('parseDay', () => {
  it('agrees with the calendar on every day to 2200', () => {
    const days = Array.from({ length: 84_000 }, (_, i) => i);
    expect(days.filter((expected) => day(formatDay(expected)) !== expected)).toEqual([]);
  });

  it.each([
    '2023-02-29',
    '2100-02-29',
    '2023-04-31',
    '2023-13-01',
    '2023-00-10',
    '2023-01-00',
    '2023-1-1',
    '01-02-2023',
    '2023/01/01',
    '20230101',
    '2023-01-01T00:00:00',
    '',
    '2o23-01-01',
  ])('refuses %j', (text) => expect(day(text)).toBe(-1));

  it('knows that the day depends on the zone', () => {
    const instant = new Date('2024-03-10T20:00:00Z');
    expect(formatDay(dayInZone(instant, 'Asia/Kolkata'))).toBe('2024-03-11');
    expect(formatDay(dayInZone(instant, 'America/New_York'))).toBe('2024-03-10');
  });
});

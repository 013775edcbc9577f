import { describe, expect, it } from '@jest/globals';
import { dayOf } from '../signals/index.ts';
import { expiringUnsold } from './expiring-lots.ts';

const today = dayOf('2016-05-23');
const lot = (quantity: number, expires_on: string) => ({ quantity, expires_on });
const waste = (lots: { quantity: number; expires_on: string }[], days = 10) =>
  expiringUnsold(lots, today, days, () => 2);

describe('expiringUnsold', () => {
  it('wastes what demand cannot take in time', () => {
    expect(waste([lot(10, '2016-05-24')])).toBe(6);
  });

  it('wastes all that has expired already', () => {
    expect(waste([lot(3, '2016-05-22'), lot(4, '2016-05-01')])).toBe(7);
  });

  it('sells the oldest first, whatever the order of the list', () => {
    expect(waste([lot(20, '2016-05-30'), lot(10, '2016-05-24')])).toBe(30 - 16);
    expect(waste([lot(5, '2016-05-30'), lot(10, '2016-05-24')])).toBe(6);
  });

  it('leaves out lots that outlive the period', () => {
    expect(waste([lot(500, '2016-06-02')])).toBe(0);
    expect(waste([lot(500, '2016-06-01')])).toBe(480);
  });
});

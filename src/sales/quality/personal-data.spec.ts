import { describe, expect, it } from '@jest/globals';
import { passesLuhn, PersonalColumns, personalHeader, personalValue } from './personal-data.ts';

describe('personal data', () => {
  it.each([
    ['Customer Name', 'name'],
    ['customerEmail', 'email'],
    ['Mobile No', 'phone'],
    ['card_number', 'card'],
    ['CustomerID', 'customer_id'],
    ['loyalty card', 'customer_id'],
    ['Address Line 1', 'address'],
    ['dob', 'date_of_birth'],
    ['name', null],
    ['product_name', null],
    ['store_name', null],
    ['brand', null],
    ['supplier', null],
    ['discount', null],
    ['panel', null],
  ])('is announced by the header %p: %p', (header, kind) => {
    expect(personalHeader(header)).toBe(kind);
  });

  it.each([
    ['asha@example.in', 'email'],
    ['9876543210', 'phone'],
    ['+91 98765 43210', 'phone'],
    ['4111 1111 1111 1111', 'card'],
    ['4111111111111112', null],
    ['1234567890', null],
    ['8901030865278', null],
    ['12.50', null],
    ['DS-14', null],
  ])('is recognised in %p: %p', (value, kind) => {
    expect(personalValue(value)).toBe(kind);
  });

  it('knows the check digit of cards', () => {
    expect([passesLuhn('79927398713'), passesLuhn('79927398710')]).toEqual([true, false]);
  });

  it('is found by header and by content, and masked', () => {
    const columns = new PersonalColumns(['date', 'sku', 'Customer', 'contact', 'remark'], [2, 3, 4]);
    for (let row = 0; row < 20; row++) columns.observe(['2024-01-01', 'A', `C${row}`, `98765432${10 + row}`, 'ok']);
    expect(columns.columns()).toEqual([
      { column: 'Customer', kind: 'customer_id' },
      { column: 'contact', kind: 'phone' },
    ]);
    expect(columns.mask(['2024-01-01', '9876543210', 'C7', '9876543210', 'fine'])).toEqual([
      '2024-01-01',
      '9876543210',
      '[personal data]',
      '[personal data]',
      'fine',
    ]);
  });
});

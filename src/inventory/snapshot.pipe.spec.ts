import { describe, expect, it } from '@jest/globals';
import type { FieldError } from '../platform/http/index.ts';
import { SnapshotPipe } from './snapshot.pipe.ts';

const pipe = new SnapshotPipe();
const row = { sku: 'A', location: 'L', on_hand: 1 };
const faultsOf = async (body: unknown): Promise<readonly FieldError[]> => {
  const error: unknown = await pipe.transform(body).then(
    () => null,
    (reason: unknown) => reason,
  );
  return (error as { errors: readonly FieldError[] }).errors;
};

describe('SnapshotPipe', () => {
  it('passes good rows on', async () => {
    const byId = { product_id: '7f1d4c1e-6b9a-4f0e-9d3a-0b2f5a1c2d3e', location: ' L ', on_hand: 2.5, on_order: 3 };
    expect(await pipe.transform([row, byId])).toEqual([row, { ...byId, location: 'L' }]);
  });

  it.each([
    [{ ...row, on_hand: -1 }, '[1].on_hand'],
    [{ ...row, on_hand: NaN }, '[1].on_hand'],
    [{ ...row, on_hand: '1' }, '[1].on_hand'],
    [{ ...row, on_order: null }, '[1].on_order'],
    [{ ...row, product_id: '7f1d4c1e-6b9a-4f0e-9d3a-0b2f5a1c2d3e' }, '[1].sku'],
    [{ sku: 'A', on_hand: 1 }, '[1].location'],
    [{ ...row, colour: 'red' }, '[1].colour'],
    [[], '[1]'],
    [null, '[1]'],
  ])('refuses %j and names its field', async (bad, field) => {
    expect((await faultsOf([row, bad])).map((fault) => fault.field)).toContain(field);
  });

  it.each([[{}], [[]], [Array.from({ length: 5001 }, () => row)]])(
    'refuses a body of no or too many rows',
    async (body) => {
      expect(await faultsOf(body)).toEqual([{ field: 'body', message: 'must be an array of 1 to 5000 rows' }]);
    },
  );

  it('lists at most a hundred faults', async () => {
    expect(await faultsOf(Array.from({ length: 300 }, () => ({ ...row, on_hand: -1 })))).toHaveLength(100);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { resolveOrCreateLocations, resolveOrCreateProducts } from '../../src/products/catalogue-import.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

const product = async (sku: string) =>
  (
    await database.client.query(
      `SELECT id, name, category, current_price::float AS price, version FROM products WHERE sku = $1 ORDER BY id`,
      [sku],
    )
  ).rows;

describe('resolveOrCreateProducts', () => {
  it('makes what is unknown, finds what is known, and lets the later mention win', async () => {
    const first = await resolveOrCreateProducts(database.client, [
      { sku: 'A', name: 'Apple', category: 'Fruit', price: 10 },
      { sku: 'B' },
      { sku: 'A', price: 12.5 },
    ]);
    expect([...first.keys()].sort()).toEqual(['A', 'B']);
    expect(await product('A')).toMatchObject([{ id: first.get('A'), name: 'Apple', category: 'Fruit', price: 12.5 }]);
    expect(await product('B')).toMatchObject([{ name: 'B', category: 'Uncategorised', price: null, version: 1 }]);
    const second = await resolveOrCreateProducts(database.client, [
      { sku: 'A', name: 'Other', price: 12.5 },
      { sku: 'B', price: 3 },
    ]);
    expect(second).toEqual(first);
    expect(await product('A')).toMatchObject([{ name: 'Apple', price: 12.5, version: 2 }]);
    const { rows } = await database.client.query(
      `SELECT product, price::float AS price FROM price_history ORDER BY id`,
    );
    expect(rows).toEqual([
      { product: first.get('A'), price: 12.5 },
      { product: first.get('B'), price: 3 },
    ]);
  });

  it('resolves a deleted SKU to its row, and prefers the live one', async () => {
    const [old] = (
      await database.client.query(
        `INSERT INTO products (sku, name, deleted_at) VALUES ('D', 'Old', now()), ('E', 'Old', now()) RETURNING id`,
      )
    ).rows;
    const live = (await database.client.query(`INSERT INTO products (sku, name) VALUES ('E', 'New') RETURNING id`))
      .rows[0];
    const ids = await resolveOrCreateProducts(database.client, [{ sku: 'D' }, { sku: 'E' }]);
    expect(ids).toEqual(
      new Map([
        ['D', old.id],
        ['E', live.id],
      ]),
    );
  });

  it('makes each row once when imports in transactions race', async () => {
    const mentions = Array.from({ length: 300 }, (_, i) => ({ sku: `R-${i}`, price: i }));
    const results = await Promise.all(
      Array.from({ length: 4 }, async (_, turn) => {
        const client = new pg.Client({ connectionString: database.url });
        await client.connect();
        await client.query('BEGIN');
        const ids = await resolveOrCreateProducts(client, turn % 2 ? mentions : [...mentions].reverse());
        await client.query('COMMIT');
        await client.end();
        return ids;
      }),
    );
    for (const ids of results) expect(new Set(ids)).toEqual(new Set(results[0]));
    const { rows } = await database.client.query(`SELECT count(*)::int AS n FROM products WHERE sku LIKE 'R-%'`);
    expect(rows).toEqual([{ n: 300 }]);
    expect(await resolveOrCreateProducts(database.client, [])).toEqual(new Map());
  });
});

describe('resolveOrCreateLocations', () => {
  it('makes what is unknown and finds what is known', async () => {
    const first = await resolveOrCreateLocations(database.client, [
      { code: 'X', name: 'Store X', pincode: '056001' },
      { code: 'Y' },
    ]);
    expect(await resolveOrCreateLocations(database.client, [{ code: 'Y' }, { code: 'X' }])).toEqual(
      new Map([...first].reverse()),
    );
    const { rows } = await database.client.query(`SELECT code, name, pincode FROM locations ORDER BY code`);
    expect(rows).toEqual([
      { code: 'X', name: 'Store X', pincode: '056001' },
      { code: 'Y', name: 'Y', pincode: null },
    ]);
  });
});

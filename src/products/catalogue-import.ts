import type { LocationMention, ProductMention, QueryRunnerLike } from './catalogue.types.ts';

const DEFAULT_CATEGORY = 'Uncategorised';

/** Where a name is looked up: the live row, else the one deleted last. */
interface Lookup {
  readonly table: 'products' | 'locations';
  readonly column: 'sku' | 'code';
}

async function find(client: QueryRunnerLike, { table, column }: Lookup, names: string[]): Promise<Map<string, number>> {
  // Identifiers come from the two constants above, never from outside.
  const { rows } = await client.query(
    `SELECT DISTINCT ON (${column}) ${column} AS name, id FROM ${table} WHERE ${column} = ANY($1::text[])
     ORDER BY ${column}, deleted_at DESC NULLS FIRST, id DESC`,
    [names],
  );
  return new Map((rows as { name: string; id: number }[]).map(({ name, id }) => [name, id]));
}

/**
 * Finds or makes rows. Making skips names that somebody else has just made: the statement waits for the other transaction,
 * and the look-up after it sees its row. Names are made in order, so that two imports wait for each other and never both.
 */
async function resolve(
  client: QueryRunnerLike,
  lookup: Lookup,
  names: string[],
  make: (missing: Set<string>) => Promise<void>,
): Promise<Map<string, number>> {
  const found = await find(client, lookup, names);
  const missing = names.filter((name) => !found.has(name)).sort();
  if (!missing.length) return found;
  await make(new Set(missing));
  for (const [name, id] of await find(client, lookup, missing)) found.set(name, id);
  return found;
}

/**
 * Keys of products by SKU; those unknown are made, and current prices follow the latest price of each SKU, which its
 * price history keeps. A SKU that exists only deleted resolves to that row. Of several mentions the later wins, field by
 * field. Runs in the caller's transaction.
 */
export async function resolveOrCreateProducts(
  client: QueryRunnerLike,
  mentions: readonly ProductMention[],
): Promise<Map<string, number>> {
  const bySku = new Map<string, ProductMention>();
  for (const mention of mentions) {
    const known = bySku.get(mention.sku);
    bySku.set(mention.sku, {
      sku: mention.sku,
      name: mention.name ?? known?.name,
      category: mention.category ?? known?.category,
      price: mention.price ?? known?.price,
    });
  }
  const ids = await resolve(client, { table: 'products', column: 'sku' }, [...bySku.keys()], async (missing) => {
    const rows = [...missing].map((sku) => bySku.get(sku) as ProductMention);
    await client.query(
      `INSERT INTO products (sku, name, category)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
       ON CONFLICT (sku) WHERE deleted_at IS NULL DO NOTHING`,
      [
        rows.map(({ sku }) => sku),
        rows.map(({ sku, name }) => name ?? sku),
        rows.map(({ category }) => category ?? DEFAULT_CATEGORY),
      ],
    );
  });
  const priced = [...bySku.values()].filter(({ price }) => price !== null && price !== undefined);
  if (priced.length) {
    await client.query(
      `WITH latest AS (SELECT * FROM unnest($1::integer[], $2::numeric[]) AS given (id, price)),
       changed AS (
         SELECT product.id, round(latest.price, 4) AS price FROM products AS product JOIN latest USING (id)
         WHERE product.current_price IS DISTINCT FROM round(latest.price, 4)
         ORDER BY product.id FOR UPDATE OF product
       ),
       updated AS (
         UPDATE products SET current_price = changed.price, version = version + 1, updated_at = clock_timestamp()
         FROM changed WHERE products.id = changed.id RETURNING products.id, changed.price
       )
       INSERT INTO price_history (product, price) SELECT id, price FROM updated`,
      [priced.map(({ sku }) => ids.get(sku)), priced.map(({ price }) => price)],
    );
  }
  return ids;
}

/**
 * Keys of locations by code; those unknown are made. A code that exists only deleted resolves to that row. Runs in the
 * caller's transaction.
 */
export async function resolveOrCreateLocations(
  client: QueryRunnerLike,
  mentions: readonly LocationMention[],
): Promise<Map<string, number>> {
  const byCode = new Map<string, LocationMention>();
  for (const mention of mentions) {
    const known = byCode.get(mention.code);
    byCode.set(mention.code, {
      code: mention.code,
      name: mention.name ?? known?.name,
      pincode: mention.pincode ?? known?.pincode,
    });
  }
  return resolve(client, { table: 'locations', column: 'code' }, [...byCode.keys()], async (missing) => {
    const rows = [...missing].map((code) => byCode.get(code) as LocationMention);
    await client.query(
      `INSERT INTO locations (code, name, pincode)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
       ON CONFLICT (code) WHERE deleted_at IS NULL DO NOTHING`,
      [
        rows.map(({ code }) => code),
        rows.map(({ code, name }) => name ?? code),
        rows.map(({ pincode }) => pincode ?? null),
      ],
    );
  });
}

import type { Client } from 'pg';
import { CatalogueService } from '../../products/index.ts';
import type { LocationMention, ProductMention } from '../../products/index.ts';
import type { ResolvedKeys } from './rows.ts';
import type { ParsedFile } from './parse-file.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Catalogue ids of a file's products and locations, and how many of them the file brought. */
export interface FileKeys extends ResolvedKeys {
  readonly newProducts: number;
  readonly newLocations: number;
}

/**
 * Finds the products and locations a file names, by SKU or code or by public id, and creates what does not exist.
 * @param client connection inside the load's transaction
 */
export async function keyCatalogue(catalogue: CatalogueService, client: Client, file: ParsedFile): Promise<FileKeys> {
  const { reader, encoding } = file;
  const { notes } = reader;
  const texts = reader.texts.decode(encoding);
  const text = (number: number) => (number < 0 ? null : texts[number].replace(/[\p{Cc}\s]+/gu, ' ').trim() || null);
  const skus = reader.products.decode(encoding);
  const codes = reader.locations.decode(encoding);
  const newest = await newestIds(client);
  const keys = await resolveMentions(
    catalogue,
    client,
    skus.map((sku, i) => ({
      sku,
      name: text(notes.name[i]),
      category: text(notes.category[i]),
      price: Number.isNaN(notes.price[i]) ? null : notes.price[i],
    })),
    codes.map((code, i) => ({ code, name: null, pincode: text(notes.pincode[i]) })),
  );
  return {
    ...keys,
    newProducts: keys.products.filter((id) => id > newest.product).length,
    newLocations: keys.locations.filter((id) => id > newest.location).length,
  };
}

/**
 * Keys of products and locations in the order of their mentions: by public id where the SKU or code is one, else by SKU or
 * code. What does not exist is made.
 * @param client connection inside the transaction that writes the sales
 */
export async function resolveMentions(
  catalogue: CatalogueService,
  client: Client,
  products: readonly ProductMention[],
  locations: readonly LocationMention[],
): Promise<ResolvedKeys> {
  const knownProducts = await byPublicId(
    client,
    'SELECT product_id AS public_id, id FROM products WHERE product_id = ANY($1::uuid[])',
    products.map(({ sku }) => sku),
  );
  const knownLocations = await byPublicId(
    client,
    'SELECT location_id AS public_id, id FROM locations WHERE location_id = ANY($1::uuid[])',
    locations.map(({ code }) => code),
  );
  const bySku = await catalogue.resolveOrCreateProducts(
    client,
    products.filter(({ sku }) => !knownProducts.has(sku.toLowerCase())),
  );
  const byCode = await catalogue.resolveOrCreateLocations(
    client,
    locations.filter(({ code }) => !knownLocations.has(code.toLowerCase())),
  );
  return {
    products: products.map(({ sku }) => knownProducts.get(sku.toLowerCase()) ?? (bySku.get(sku) as number)),
    locations: locations.map(({ code }) => knownLocations.get(code.toLowerCase()) ?? (byCode.get(code) as number)),
  };
}

/** Keys of the rows whose public id is among the texts that look like one. */
async function byPublicId(client: Client, sql: string, texts: readonly string[]): Promise<Map<string, number>> {
  const ids = texts.filter((text) => UUID.test(text));
  if (!ids.length) return new Map();
  const { rows } = await client.query<{ public_id: string; id: number }>(sql, [ids]);
  return new Map(rows.map((row) => [row.public_id, row.id]));
}

/** The highest keys given out so far: what is made from here on has higher ones. */
async function newestIds(client: Client): Promise<{ product: number; location: number }> {
  const { rows } = await client.query<{ product: number; location: number }>(
    `SELECT coalesce((SELECT max(id) FROM products), 0) AS product,
            coalesce((SELECT max(id) FROM locations), 0) AS location`,
  );
  return rows[0];
}

import type { Client } from 'pg';
import { CatalogueService } from '../../products/index.ts';
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
  const knownProducts = await byPublicId(
    client,
    'SELECT product_id AS public_id, id FROM products WHERE product_id = ANY($1::uuid[])',
    skus,
  );
  const knownLocations = await byPublicId(
    client,
    'SELECT location_id AS public_id, id FROM locations WHERE location_id = ANY($1::uuid[])',
    codes,
  );
  const newest = await newestIds(client);
  const products = await catalogue.resolveOrCreateProducts(
    client,
    skus.flatMap((sku, i) =>
      knownProducts.has(sku.toLowerCase())
        ? []
        : {
            sku,
            name: text(notes.name[i]),
            category: text(notes.category[i]),
            price: Number.isNaN(notes.price[i]) ? null : notes.price[i],
          },
    ),
  );
  const locations = await catalogue.resolveOrCreateLocations(
    client,
    codes.flatMap((code, i) =>
      knownLocations.has(code.toLowerCase()) ? [] : { code, name: null, pincode: text(notes.pincode[i]) },
    ),
  );
  const productIds = skus.map((sku) => knownProducts.get(sku.toLowerCase()) ?? (products.get(sku) as number));
  const locationIds = codes.map((code) => knownLocations.get(code.toLowerCase()) ?? (locations.get(code) as number));
  return {
    products: productIds,
    locations: locationIds,
    newProducts: productIds.filter((id) => id > newest.product).length,
    newLocations: locationIds.filter((id) => id > newest.location).length,
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

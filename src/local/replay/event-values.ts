import { randomUUID } from 'node:crypto';
import type { ApiClient } from '../api-client.ts';
import type { EventValues } from './sample-event.ts';

interface Page<T> {
  readonly items: readonly T[];
}

/** What the placeholders of sample events stand for in a running system: its first product and place, and who is signed in. */
export async function eventValues(api: ApiClient, now: Date): Promise<EventValues> {
  const products = await api.get<Page<{ product_id: string; sku: string }>>('/products?limit=1');
  const locations = await api.get<Page<{ location_id: string; code: string }>>('/locations?limit=1');
  const [product, location] = [products.items.at(0), locations.items.at(0)];
  return {
    ...api.credentials,
    ...(product && { product_id: product.product_id, sku: product.sku }),
    ...(location && { location_id: location.location_id, location: location.code }),
    now: now.toISOString(),
    uuid: randomUUID(),
  };
}

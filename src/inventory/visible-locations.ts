import { NotFoundError } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import type { CatalogueLocation } from '../products/index.ts';

/**
 * The places a caller may see, narrowed to one if asked for.
 * @throws NotFoundError for a place that does not exist or is not the caller's
 */
export function visibleLocations(
  locations: readonly CatalogueLocation[],
  caller: Pick<Principal, 'locationIds'>,
  locationId?: string,
): readonly CatalogueLocation[] {
  const own = new Set(caller.locationIds);
  const visible = own.size ? locations.filter((location) => own.has(location.locationId)) : locations;
  if (locationId === undefined) return visible;
  const wanted = locationId.toLowerCase();
  const found = visible.filter((location) => location.locationId === wanted);
  if (!found.length) throw new NotFoundError('Location');
  return found;
}

import { describe, expect, it } from '@jest/globals';
import { NotFoundError } from '../platform/http/index.ts';
import type { CatalogueLocation } from '../products/index.ts';
import { visibleLocations } from './visible-locations.ts';

const location = (id: number, locationId: string): CatalogueLocation => ({
  id,
  locationId,
  code: locationId,
  name: locationId,
  pincode: null,
  city: null,
  region: null,
  latitude: null,
  longitude: null,
  timezone: 'Asia/Kolkata',
  deleted: false,
});
const all = [location(1, 'a'), location(2, 'b')];

describe('visibleLocations', () => {
  it('shows all to a caller without limits and only theirs to others', () => {
    expect(visibleLocations(all, { locationIds: [] })).toEqual(all);
    expect(visibleLocations(all, { locationIds: ['b', 'gone'] })).toEqual([all[1]]);
  });

  it('narrows to one place, in any case of its id', () => {
    expect(visibleLocations(all, { locationIds: ['b'] }, 'B')).toEqual([all[1]]);
  });

  it('does not tell a foreign place from none', () => {
    expect(() => visibleLocations(all, { locationIds: ['b'] }, 'a')).toThrow(NotFoundError);
    expect(() => visibleLocations(all, { locationIds: [] }, 'x')).toThrow(NotFoundError);
  });
});

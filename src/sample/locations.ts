/** A dark store of the simulated company; field names are those of the location resource. */
export interface SampleLocation {
  readonly code: string;
  readonly name: string;
  readonly pincode: string;
  readonly city: string;
  readonly region: string;
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  readonly timezone: string;
}

/** What the simulation knows about a store and the shop does not. */
export interface StoreTraits {
  /** Demand relative to an average store. */
  readonly size: number;
  /** When the store opened, as a fraction of the history; 0 = before it. */
  readonly opensAt: number;
}

type Row = readonly [
  code: string,
  area: string,
  pincode: string,
  region: string,
  lat: number,
  lon: number,
  size: number,
  opensAt: number,
];

const ROWS: readonly Row[] = [
  ['HYD-MDP', 'Madhapur', '500081', 'Hyderabad West', 17.4483, 78.3915, 1.4, 0],
  ['HYD-GCB', 'Gachibowli', '500032', 'Hyderabad West', 17.4401, 78.3489, 1.3, 0],
  ['HYD-KDP', 'Kondapur', '500084', 'Hyderabad West', 17.4622, 78.3568, 1.15, 0],
  ['HYD-KKP', 'Kukatpally', '500072', 'Hyderabad North', 17.4948, 78.3996, 1.1, 0],
  ['HYD-BJH', 'Banjara Hills', '500034', 'Hyderabad Central', 17.4156, 78.4347, 1.05, 0],
  ['HYD-BGP', 'Begumpet', '500016', 'Hyderabad Central', 17.4447, 78.4664, 0.95, 0],
  ['HYD-MYP', 'Miyapur', '500049', 'Hyderabad North', 17.4968, 78.3614, 0.9, 0],
  ['HYD-HMN', 'Himayatnagar', '500029', 'Hyderabad Central', 17.4015, 78.487, 0.8, 0],
  ['HYD-DSN', 'Dilsukhnagar', '500060', 'Hyderabad East', 17.3688, 78.5247, 0.75, 0],
  ['HYD-SEC', 'Secunderabad', '500003', 'Hyderabad East', 17.4399, 78.4983, 0.7, 0.55],
];

/** How many stores there are to choose from. */
export const SAMPLE_LOCATION_COUNT = ROWS.length;

/** The first `count` dark stores of the simulated company (all ten by default), each in a real Hyderabad pincode. */
export function sampleLocations(count: number = ROWS.length): SampleLocation[] {
  return ROWS.slice(0, count).map(([code, area, pincode, region, latitude, longitude]) => ({
    code,
    name: `${area} dark store (simulated)`,
    pincode,
    city: 'Hyderabad',
    region,
    latitude,
    longitude,
    timezone: 'Asia/Kolkata',
  }));
}

/** Size and opening of the first `count` stores, in the order of `sampleLocations`. */
export function storeTraits(count: number): StoreTraits[] {
  return ROWS.slice(0, count).map((row) => ({ size: row[6], opensAt: row[7] }));
}

import { CATALOGUE, type CatalogueRow } from './catalogue.ts';
import { SAMPLE_CATEGORIES, type SampleCategory, type SampleProfile } from './profiles.ts';

/** A product of the simulated company; field names are those of the product resource. */
export interface SampleProduct {
  readonly sku: string;
  readonly name: string;
  readonly category: SampleCategory;
  /** Selling price in rupees. */
  readonly current_price: number;
  /** Purchase cost in rupees. */
  readonly unit_cost: number;
  readonly lead_time_days: number;
  readonly lead_time_std_days: number;
  readonly pack_size: number;
  readonly min_order_quantity: number;
  readonly shelf_life_days: number;
  /** Probability of no stockout during a lead time that the shop aims at. */
  readonly service_level: number;
}

/** What the simulation knows about a product and the shop does not. */
export interface ProductTraits {
  readonly profile: SampleProfile;
  /** Mean units a day in an average store in spring 2024. */
  readonly velocity: number;
}

interface Supply {
  readonly code: string;
  readonly profile: SampleProfile;
  /** Share of the price that the shop pays for a unit. */
  readonly costShare: number;
  readonly leadTime: number;
  readonly leadTimeStd: number;
  readonly serviceLevel: number;
}

const SUPPLY: Readonly<Record<SampleCategory, Supply>> = {
  Dairy: { code: 'DAI', profile: 'dairy', costShare: 0.86, leadTime: 1, leadTimeStd: 0.3, serviceLevel: 0.95 },
  'Fruit and Vegetables': {
    code: 'FNV',
    profile: 'produce',
    costShare: 0.7,
    leadTime: 1,
    leadTimeStd: 0.4,
    serviceLevel: 0.93,
  },
  Bakery: { code: 'BAK', profile: 'bakery', costShare: 0.72, leadTime: 1, leadTimeStd: 0.3, serviceLevel: 0.92 },
  Staples: { code: 'STA', profile: 'staples', costShare: 0.84, leadTime: 4, leadTimeStd: 1, serviceLevel: 0.97 },
  Snacks: { code: 'SNA', profile: 'snacks', costShare: 0.78, leadTime: 3, leadTimeStd: 0.8, serviceLevel: 0.95 },
  Beverages: {
    code: 'BEV',
    profile: 'cold drinks',
    costShare: 0.76,
    leadTime: 3,
    leadTimeStd: 0.8,
    serviceLevel: 0.95,
  },
  Household: { code: 'HOU', profile: 'household', costShare: 0.75, leadTime: 5, leadTimeStd: 1.2, serviceLevel: 0.95 },
  'Personal Care': {
    code: 'PER',
    profile: 'personal care',
    costShare: 0.7,
    leadTime: 6,
    leadTimeStd: 1.5,
    serviceLevel: 0.95,
  },
};

/** How many products there are to choose from. */
export const SAMPLE_PRODUCT_COUNT = SAMPLE_CATEGORIES.reduce((sum, category) => sum + CATALOGUE[category].length, 0);

/** Rows in catalogue order: one of each category in turn, so that any first few products are a mixture. */
function firstRows(count: number): { category: SampleCategory; rank: number; row: CatalogueRow }[] {
  return Array.from({ length: Math.min(count, SAMPLE_PRODUCT_COUNT) }, (_, i) => {
    const category = SAMPLE_CATEGORIES[i % SAMPLE_CATEGORIES.length];
    const rank = Math.floor(i / SAMPLE_CATEGORIES.length);
    return { category, rank, row: CATALOGUE[category][rank] };
  });
}

/** The first `count` products of the simulated catalogue (all by default), one of each category in turn. */
export function sampleProducts(count: number = SAMPLE_PRODUCT_COUNT): SampleProduct[] {
  return firstRows(count).map(({ category, rank, row: [name, price, packSize, shelfLife] }) => {
    const supply = SUPPLY[category];
    return {
      sku: `${supply.code}-${String(rank + 1).padStart(3, '0')}`,
      name,
      category,
      current_price: price,
      unit_cost: Math.round(price * supply.costShare * 100) / 100,
      lead_time_days: supply.leadTime,
      lead_time_std_days: supply.leadTimeStd,
      pack_size: packSize,
      min_order_quantity: packSize,
      shelf_life_days: shelfLife,
      service_level: supply.serviceLevel,
    };
  });
}

/** Demand profile and velocity of the first `count` products, in the order of `sampleProducts`. */
export function productTraits(count: number): ProductTraits[] {
  return firstRows(count).map(({ category, row }) => ({
    profile: row[5] ?? SUPPLY[category].profile,
    velocity: row[4],
  }));
}

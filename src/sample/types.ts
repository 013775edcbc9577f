import type { SampleEvent, SampleEventName } from './events.ts';
import type { SampleLocation } from './locations.ts';
import type { SampleProduct } from './products.ts';
import type { FestivalEffect, ProfileTraits, SampleCategory, SampleProfile } from './profiles.ts';
import type { SAMPLE_LABEL } from './label.ts';

/** What to generate. */
export interface SampleOptions {
  /** Any integer; the same seed gives the same bytes. */
  readonly seed: number;
  /** First day, ISO; 2022-10-01 by default. */
  readonly startDate?: string;
  /** Days of history, at least 1; 1,096 by default. */
  readonly days?: number;
  /** How many products of the catalogue, 1 … 120; all by default. */
  readonly products?: number;
  /** How many dark stores, 1 … 10; all by default. */
  readonly locations?: number;
}

/**
 * The sales history of a simulated quick-commerce company in Hyderabad.
 *
 * Cells are laid out series by series: the cell of location l, product p and day d is (l · products + p) · days + d, and
 * its series is l · products + p. What is the same in every store is laid out [product][day].
 */
export interface Sample {
  readonly label: typeof SAMPLE_LABEL;
  readonly seed: number;
  readonly products: readonly SampleProduct[];
  readonly locations: readonly SampleLocation[];
  /** Festivals and national days from 2022 through 2026, also those outside the history. */
  readonly events: readonly SampleEvent[];
  /** ISO days of the history, ascending. */
  readonly dates: readonly string[];
  /** First day on sale of each series. */
  readonly firstDay: Int32Array;
  /** Day after the last day on sale of each series; equal to or below `firstDay` when it was never on sale. */
  readonly endDay: Int32Array;
  /** Units sold, by cell. */
  readonly quantitySold: Uint16Array;
  /** Units on hand at the close of the day, by cell. */
  readonly onHand: Uint16Array;
  /** Selling price in rupees, [product][day]. */
  readonly price: Float32Array;
  /** 1 on a day of promotion, [product][day]. */
  readonly promotion: Uint8Array;
  /** Millimetres of rain, [location][day]. */
  readonly rainfallMm: Float32Array;
  readonly truth: SampleTruth;
}

/** What was planted and a forecaster has to find. */
export interface SampleTruth {
  /** Mean demand before noise and before stockouts, by cell; 0 when not on sale. */
  readonly expectedDemand: Float32Array;
  /** Units asked for, by cell; more than were sold when the stock ran out. */
  readonly unconstrainedDemand: Uint16Array;
  /** 1 on a day on sale that closed with nothing on hand, by cell. */
  readonly stockout: Uint8Array;
  /** Units delivered in the morning, by cell. */
  readonly received: Uint16Array;
  /** Units thrown away in the morning because their shelf life was over, by cell. */
  readonly wasted: Uint16Array;
  /** Seven factors with mean 1, Monday first. */
  readonly weekdayFactors: Readonly<Record<SampleCategory, readonly number[]>>;
  /** Lift on the day and days of lead of each festival. */
  readonly festivalLifts: Readonly<Record<SampleEventName, FestivalEffect>>;
  /** Season, rain, start of the month, and the middle of the elasticities and promotion lifts. */
  readonly profileTraits: Readonly<Record<SampleProfile, ProfileTraits>>;
  /** Profile of each product. */
  readonly productProfiles: readonly SampleProfile[];
  /** Factor of a promotion on top of that of its lower price, by product. */
  readonly promotionLift: Float32Array;
  /** Demand goes with price to this power, by product. */
  readonly priceElasticity: Float32Array;
  /** Growth a year as a fraction (0.15 = 15 %), by location. */
  readonly growthPerYear: Float32Array;
  /** Unforeseeable factor with mean 1 that all products of a store share on a day, not in `expectedDemand`, [location][day]. */
  readonly dayShock: Float32Array;
  /** Shape of the gamma mixture: variance = mean + mean² / shape (mean including the day's shock), by product. */
  readonly dispersionShape: Float32Array;
}

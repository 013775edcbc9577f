import type { SampleEventName } from './events.ts';

/** Categories of the simulated catalogue. */
export const SAMPLE_CATEGORIES = [
  'Dairy',
  'Fruit and Vegetables',
  'Bakery',
  'Staples',
  'Snacks',
  'Beverages',
  'Household',
  'Personal Care',
] as const;

/** One of the categories of the simulated catalogue. */
export type SampleCategory = (typeof SAMPLE_CATEGORIES)[number];

/** Products whose demand moves alike: the categories, with hot and cold beverages apart. */
export const SAMPLE_PROFILES = [
  'dairy',
  'produce',
  'bakery',
  'staples',
  'snacks',
  'hot drinks',
  'cold drinks',
  'household',
  'personal care',
] as const;

/** One of the demand profiles. */
export type SampleProfile = (typeof SAMPLE_PROFILES)[number];

/** How demand of a profile responds; every factor multiplies the mean. */
export interface ProfileTraits {
  /** Yearly swing: log demand moves by ± this much, highest on `seasonPeak`. */
  readonly seasonAmplitude: number;
  /** Day of the year with the highest demand. */
  readonly seasonPeak: number;
  /** Factor on a day of steady rain. */
  readonly rain: number;
  /** Factor on the first five days of a month, when salaries have arrived. */
  readonly monthStart: number;
  /** Price elasticity of demand: the mean goes with price to this power. */
  readonly elasticity: number;
  /** Factor of being on promotion, on top of the effect of the lower price. */
  readonly promotionLift: number;
}

/** The planted response of each profile. */
export const PROFILE_TRAITS: Readonly<Record<SampleProfile, ProfileTraits>> = {
  dairy: { seasonAmplitude: 0.07, seasonPeak: 125, rain: 0.96, monthStart: 1.02, elasticity: -0.6, promotionLift: 1.2 },
  produce: {
    seasonAmplitude: 0.06,
    seasonPeak: 20,
    rain: 0.86,
    monthStart: 1.03,
    elasticity: -0.9,
    promotionLift: 1.25,
  },
  bakery: { seasonAmplitude: 0.08, seasonPeak: 350, rain: 0.95, monthStart: 1, elasticity: -1.1, promotionLift: 1.3 },
  staples: {
    seasonAmplitude: 0.05,
    seasonPeak: 290,
    rain: 1.18,
    monthStart: 1.15,
    elasticity: -0.8,
    promotionLift: 1.3,
  },
  snacks: { seasonAmplitude: 0.1, seasonPeak: 310, rain: 0.94, monthStart: 1.05, elasticity: -1.5, promotionLift: 1.4 },
  'hot drinks': {
    seasonAmplitude: 0.2,
    seasonPeak: 355,
    rain: 1.25,
    monthStart: 1.06,
    elasticity: -1,
    promotionLift: 1.25,
  },
  'cold drinks': {
    seasonAmplitude: 0.4,
    seasonPeak: 130,
    rain: 0.78,
    monthStart: 1,
    elasticity: -1.6,
    promotionLift: 1.4,
  },
  household: {
    seasonAmplitude: 0.06,
    seasonPeak: 290,
    rain: 0.9,
    monthStart: 1.12,
    elasticity: -1.2,
    promotionLift: 1.35,
  },
  'personal care': {
    seasonAmplitude: 0.1,
    seasonPeak: 125,
    rain: 0.9,
    monthStart: 1.1,
    elasticity: -1.4,
    promotionLift: 1.35,
  },
};

/** Planted weekday factors by category, Monday first; each row has mean 1. */
export const WEEKDAY_FACTORS: Readonly<Record<SampleCategory, readonly number[]>> = {
  Dairy: [0.9, 0.88, 0.89, 0.91, 0.97, 1.2, 1.25],
  'Fruit and Vegetables': [0.82, 0.8, 0.84, 0.84, 0.94, 1.33, 1.43],
  Bakery: [0.82, 0.8, 0.82, 0.88, 1.06, 1.34, 1.28],
  Staples: [0.84, 0.8, 0.8, 0.82, 0.94, 1.36, 1.44],
  Snacks: [0.69, 0.69, 0.74, 0.84, 1.16, 1.5, 1.38],
  Beverages: [0.73, 0.71, 0.77, 0.85, 1.14, 1.44, 1.36],
  Household: [0.81, 0.79, 0.81, 0.83, 0.94, 1.36, 1.46],
  'Personal Care': [0.85, 0.83, 0.83, 0.86, 0.98, 1.3, 1.35],
};

/** What a festival does to demand. */
export interface FestivalEffect {
  /** Days before the festival on which shopping for it begins; the effect grows evenly until the day itself. */
  readonly leadDays: number;
  /** Extra demand on the day itself, by profile: 0.5 means half as much again. A profile left out is not moved. */
  readonly lift: Readonly<Partial<Record<SampleProfile, number>>>;
}

/** Planted effects of festivals and national days. */
export const FESTIVAL_EFFECTS: Readonly<Record<SampleEventName, FestivalEffect>> = {
  Sankranti: { leadDays: 5, lift: { staples: 0.6, dairy: 0.35, produce: 0.35, snacks: 0.3, household: 0.15 } },
  'Maha Shivaratri': { leadDays: 1, lift: { produce: 0.5, dairy: 0.35, snacks: -0.1, bakery: -0.1 } },
  Holi: { leadDays: 2, lift: { snacks: 0.45, 'cold drinks': 0.5, dairy: 0.25, 'personal care': 0.35, household: 0.2 } },
  Ugadi: { leadDays: 3, lift: { produce: 0.55, staples: 0.35, dairy: 0.3, household: 0.15 } },
  'Sri Rama Navami': { leadDays: 1, lift: { produce: 0.25, 'cold drinks': 0.2, staples: 0.1 } },
  'Eid al-Fitr': {
    leadDays: 6,
    lift: { dairy: 0.65, staples: 0.45, produce: 0.35, snacks: 0.2, 'cold drinks': 0.3, 'personal care': 0.25 },
  },
  'Eid al-Adha': {
    leadDays: 3,
    lift: { staples: 0.35, produce: 0.35, household: 0.2, dairy: 0.2, 'cold drinks': 0.2 },
  },
  Bonalu: { leadDays: 2, lift: { produce: 0.3, dairy: 0.35, staples: 0.15, 'cold drinks': 0.25 } },
  'Raksha Bandhan': { leadDays: 2, lift: { snacks: 0.5, dairy: 0.25, bakery: 0.25 } },
  Janmashtami: { leadDays: 2, lift: { dairy: 0.45, produce: 0.15, snacks: 0.15 } },
  'Ganesh Chaturthi': { leadDays: 4, lift: { produce: 0.5, dairy: 0.4, staples: 0.3, snacks: 0.35, household: 0.15 } },
  Bathukamma: { leadDays: 1, lift: { produce: 0.25, snacks: 0.15, 'personal care': 0.1 } },
  Dussehra: {
    leadDays: 6,
    lift: { staples: 0.5, produce: 0.5, snacks: 0.4, dairy: 0.35, 'cold drinks': 0.35, household: 0.25, bakery: 0.15 },
  },
  Diwali: {
    leadDays: 10,
    lift: {
      snacks: 1.1,
      household: 0.6,
      dairy: 0.55,
      staples: 0.5,
      bakery: 0.35,
      'personal care': 0.3,
      'cold drinks': 0.3,
      produce: 0.25,
      'hot drinks': 0.1,
    },
  },
  "New Year's Day": { leadDays: 0, lift: { bakery: 0.25, dairy: 0.15, snacks: 0.1 } },
  'Republic Day': { leadDays: 0, lift: { snacks: 0.2, 'cold drinks': 0.15, bakery: 0.1 } },
  'Telangana Formation Day': { leadDays: 0, lift: { snacks: 0.1, 'cold drinks': 0.15 } },
  'Independence Day': { leadDays: 0, lift: { snacks: 0.2, 'cold drinks': 0.2, bakery: 0.1 } },
  Christmas: { leadDays: 3, lift: { bakery: 0.8, snacks: 0.3, 'cold drinks': 0.3, dairy: 0.15 } },
  "New Year's Eve": { leadDays: 1, lift: { 'cold drinks': 0.9, snacks: 0.75, bakery: 0.45, dairy: 0.1 } },
};

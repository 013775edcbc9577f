import { describe, expect, it } from '@jest/globals';
import { sampleEvents, type SampleEventName } from './events.ts';
import { sampleLocations } from './locations.ts';
import { sampleProducts } from './products.ts';
import { FESTIVAL_EFFECTS, SAMPLE_CATEGORIES, WEEKDAY_FACTORS } from './profiles.ts';

describe('catalogue, stores and festivals of the simulated company', () => {
  it('offers 120 products, fifteen in each of eight categories, that can be ordered and sold at a profit', () => {
    const products = sampleProducts();
    expect(products).toHaveLength(120);
    expect(new Set(products.map(({ sku }) => sku)).size).toBe(120);
    expect(new Set(products.map(({ name }) => name)).size).toBe(120);
    for (const category of SAMPLE_CATEGORIES) {
      expect(products.filter((product) => product.category === category)).toHaveLength(15);
    }
    for (const product of products) {
      expect(product.unit_cost).toBeLessThan(product.current_price);
      expect(product.unit_cost).toBeGreaterThan(product.current_price / 2);
      expect(product.min_order_quantity % product.pack_size).toBe(0);
      expect(product.shelf_life_days).toBeGreaterThan(product.lead_time_days);
      expect(product.service_level).toBeGreaterThan(0.9);
      expect(product.service_level).toBeLessThan(1);
    }
  });

  it('keeps the first few products a mixture of all categories', () => {
    expect(sampleProducts(8).map(({ category }) => category)).toEqual([...SAMPLE_CATEGORIES]);
    expect(sampleProducts(9)[8]).toEqual(sampleProducts()[8]);
  });

  it('has ten stores, each in its own pincode of Hyderabad', () => {
    const locations = sampleLocations();
    expect(new Set(locations.map(({ pincode }) => pincode)).size).toBe(10);
    for (const { pincode, latitude, longitude, timezone } of locations) {
      expect(pincode).toMatch(/^5000\d\d$/);
      expect(Math.abs(latitude - 17.43)).toBeLessThan(0.1);
      expect(Math.abs(longitude - 78.44)).toBeLessThan(0.12);
      expect(timezone).toBe('Asia/Kolkata');
    }
  });

  it('knows the festivals at their dates, ascending, each with an effect', () => {
    const events = sampleEvents();
    const datesOf = (name: SampleEventName) => events.filter((event) => event.name === name).map(({ date }) => date);
    expect(datesOf('Diwali')).toEqual(['2022-10-24', '2023-11-12', '2024-10-31', '2025-10-20', '2026-11-08']);
    expect(datesOf('Dussehra')).toContain('2025-10-02');
    expect(datesOf('Eid al-Fitr')).toContain('2024-04-11');
    expect(datesOf('Christmas')).toHaveLength(5);
    expect(events.map(({ date }) => date)).toEqual(events.map(({ date }) => date).sort());
    for (const name of Object.keys(FESTIVAL_EFFECTS) as SampleEventName[]) expect(datesOf(name)).toHaveLength(5);
    expect(events).toHaveLength(5 * Object.keys(FESTIVAL_EFFECTS).length);
  });

  it('spreads a week around a mean of 1', () => {
    for (const factors of Object.values(WEEKDAY_FACTORS)) {
      expect(factors.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(7, 9);
    }
  });
});

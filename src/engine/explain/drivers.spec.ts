import { describe, expect, it } from '@jest/globals';
import { driverOf, DRIVERS, driverShares } from './drivers.ts';

describe('driverOf', () => {
  it.each([
    ['sales_lag_7', 'level'],
    ['ewma_0.03', 'level'],
    ['nonzero_share_28', 'level'],
    ['location_trend_7_28', 'trend'],
    ['age', 'trend'],
    ['weekday_mean_8', 'weekday'],
    ['weekday', 'weekday'],
    ['shelf_weekday_ratio', 'weekday'],
    ['location_season_ratio', 'season'],
    ['year_ago_mean_7', 'season'],
    ['season_ratio', 'season'],
    ['month', 'season'],
    ['price_relative_28', 'price'],
    ['promotion_share_7', 'promotion'],
    ['event_next_day', 'holiday'],
    ['nearest_event_distance', 'holiday'],
    ['product_mean_28', 'product_and_place'],
    ['location', 'product_and_place'],
    ['attribute_brand', 'product_and_place'],
    ['covariate_temperature', 'weather'],
    ['covariate_rainfall_change_28', 'weather'],
    ['covariate_footfall', 'other_signals'],
    ['something_new', 'other_signals'],
  ])('puts %p under %p', (name, driver) => {
    expect(driverOf(name)).toBe(driver);
  });
});

describe('driverShares', () => {
  const names = ['sales_lag_7', 'price', 'rolling_mean_7', 'event'];
  const values = Float64Array.of(0.4, -0.7, 0.1, 0.9, 0, 0, 0, 0, 0.5, -0.5, 0, 0, -3, 0.2, -4, 0.1);
  const contributions = { names, values, baseValue: 0.3, rowCount: 4 };

  it.each(['identity', 'log', 'logit'] as const)('add up to the forecast, link %p', (link) => {
    const respond = { identity: (s: number) => s, log: Math.exp, logit: (s: number) => 1 / (1 + Math.exp(-s)) }[link];
    driverShares(contributions, link).forEach(({ base, drivers, forecast }, row) => {
      const phi = values.subarray(4 * row, 4 * row + 4);
      expect(base).toBeCloseTo(respond(0.3), 12);
      expect(forecast).toBeCloseTo(respond(0.3 + phi.reduce((sum, v) => sum + v, 0)), 12);
      expect(DRIVERS.reduce((sum, driver) => sum + drivers[driver], base)).toBeCloseTo(forecast, 12);
      expect(Math.sign(drivers.price)).toBe(Math.sign(phi[1]));
      // The same unit for every driver.
      expect(drivers.price * (phi[0] + phi[2])).toBeCloseTo(drivers.level * phi[1], 12);
    });
  });

  it('shares equal and opposite contributions out at the slope of the link', () => {
    const { drivers } = driverShares(contributions, 'log')[2];
    expect(drivers.level).toBeCloseTo(0.5 * Math.exp(0.3), 12);
    expect(drivers.price).toBeCloseTo(-0.5 * Math.exp(0.3), 12);
  });
});

import { describe, expect, it } from '@jest/globals';
import { bias, mae, mape, r2, rmse, wape } from '../../engine/index.ts';
import { measuresOfSums } from './measures-of-sums.ts';

const actual = [3, 0, 7, 2, 5];
const forecast = [2, 1, 9, 2.5, 4];
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const errors = actual.map((value, i) => forecast[i] - value);
const sums = {
  series: 5,
  actual: total(actual),
  actual_squared: total(actual.map((value) => value * value)),
  forecast: total(forecast),
  absolute_error: total(errors.map(Math.abs)),
  squared_error: total(errors.map((error) => error * error)),
  percent_error: total(errors.map((error, i) => (actual[i] ? Math.abs(error) / actual[i] : 0))),
  percent_series: 4,
  below: 1,
  above: 1,
  pinball: [],
};

describe('measuresOfSums', () => {
  it('says from sums what the measures say from the days', () => {
    const found = measuresOfSums(sums);
    expect(found).toMatchObject({ count: 5, mape_zero_actuals: 1, pinball: [] });
    expect(found.mae).toBeCloseTo(mae(actual, forecast) as number, 12);
    expect(found.rmse).toBeCloseTo(rmse(actual, forecast) as number, 12);
    expect(found.r2).toBeCloseTo(r2(actual, forecast) as number, 12);
    expect(found.mape).toBeCloseTo(mape(actual, forecast).percent as number, 12);
    expect(found.wape).toBeCloseTo(wape(actual, forecast) as number, 12);
    expect(found.bias).toBeCloseTo(bias(actual, forecast) as number, 12);
    expect(found.coverage).toBeCloseTo(0.6, 12);
  });

  it('is null where nothing was sold or nothing judged', () => {
    const none = { ...sums, actual: 0, actual_squared: 0, percent_error: 0, percent_series: 0 };
    expect(measuresOfSums(none)).toMatchObject({ wape: null, bias: null, mape: null, r2: null });
    expect(measuresOfSums({ ...none, series: 0, pinball: [1] })).toMatchObject({
      mae: null,
      coverage: null,
      pinball: [],
    });
  });
});

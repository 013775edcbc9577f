import { describe, expect, it } from '@jest/globals';
import { FORECAST_DRIVERS } from '../../engine/index.ts';
import { driverUnits } from './driver-units.ts';

describe('driverUnits', () => {
  const width = FORECAST_DRIVERS.length;

  it('reads a day of an explanation', () => {
    const values = Array.from({ length: 3 * width }, (_, i) => i);
    expect(driverUnits(values, 3, 1)).toEqual(values.slice(width, 2 * width));
    expect(driverUnits(values, 3, 3)).toEqual([]);
    expect(driverUnits(values, 3, -1)).toEqual([]);
  });

  it('knows nothing of a driver that is newer than the explanation', () => {
    const values = Array.from({ length: 3 * (width - 1) }, (_, i) => i);
    expect(driverUnits(values, 3, 2)).toEqual([...values.slice(2 * (width - 1)), 0]);
  });
});

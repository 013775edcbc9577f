import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/index.ts';
import type { LakeBucket } from '../config/index.ts';
import { folderPlaceOf, placeOf } from './lake-place.ts';

const lake = (variables: Record<string, string>) =>
  loadConfig({ DATABASE_URL: 'postgres://u:p@h/d', JWT_SECRET: 'x'.repeat(32), ...variables }).lakeBucket as LakeBucket;
const zoned = lake({ LAKE_URL: 's3://shop-{zone}-1', LAKE_ZONES: 'raw,curated,models=artefacts' });
const whole = lake({ LAKE_URL: 's3://shop/a' });

describe('where an object lies', () => {
  it.each([
    ['raw/sales/2023/10/27/stream-shard-01.json', 'shop-raw-1', 'sales/2023/10/27/stream-shard-01.json'],
    [
      'curated/sales/year=2023/month=1/day=2/data.parquet',
      'shop-curated-1',
      'sales/year=2023/month=1/day=2/data.parquet',
    ],
    ['models/v1/model.txt', 'shop-artefacts-1', 'v1/model.txt'],
    ['artefacts/x', 'shop-work-1', 'artefacts/x'],
    ['rejected/sales/1.csv', 'shop-work-1', 'rejected/sales/1.csv'],
    ['raw', 'shop-work-1', 'raw'],
    ['constructor/x', 'shop-work-1', 'constructor/x'],
  ])('%s: in %s as %s', (key, bucket, name) => {
    expect(placeOf(zoned, key)).toEqual({ bucket, name });
    expect(placeOf(whole, key)).toEqual({ bucket: 'shop', name: `a/${key}` });
  });

  it.each([
    ['raw', 'shop-raw-1', ''],
    ['raw/drop/', 'shop-raw-1', 'drop/'],
    ['models', 'shop-artefacts-1', ''],
    ['runs/1', 'shop-work-1', 'runs/1/'],
  ])('the folder %s: in %s below "%s", and its keys are known again', (folder, bucket, name) => {
    const place = folderPlaceOf(zoned, folder);
    expect(place).toMatchObject({ bucket, name });
    const key = `${folder.replace(/\/$/, '')}/b/c`;
    expect(place.keyOf(placeOf(zoned, key).name)).toBe(key);
    expect(folderPlaceOf(whole, folder).keyOf(placeOf(whole, key).name)).toBe(key);
  });

  it('is within the store', () => {
    for (const key of ['raw/../x', '/raw', 'raw//x', '..']) {
      expect(() => placeOf(zoned, key)).toThrow('leaves the store');
      expect(() => folderPlaceOf(zoned, key)).toThrow('leaves the store');
    }
  });
});

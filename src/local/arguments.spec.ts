import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLaunchArguments, UsageError } from './arguments.ts';

describe('parseLaunchArguments', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-arguments-'));
  writeFileSync(join(folder, 'My Sales 2024.csv.gz'), '');

  it('takes the sample when nothing is said', () => {
    expect(parseLaunchArguments([], folder)).toEqual({ dataFile: null, empty: false, dataSet: 'simulated' });
  });
  it('keeps what is imported apart from the sample', () => {
    expect(parseLaunchArguments(['--empty'], folder)).toEqual({ dataFile: null, empty: true, dataSet: 'imported' });
  });
  it('keeps the data of each file in a folder of its own', () => {
    expect(parseLaunchArguments(['--data', 'My Sales 2024.csv.gz'], folder)).toEqual({
      dataFile: join(folder, 'My Sales 2024.csv.gz'),
      empty: false,
      dataSet: 'own-my-sales-2024-csv-gz',
    });
  });
  it('shows the usage on request', () => {
    expect(parseLaunchArguments(['--help'], folder)).toBe('help');
  });
  it.each([
    [['--data', 'absent.csv']],
    [['--empty', '--data', 'My Sales 2024.csv.gz']],
    [['--data']],
    [['--dta', 'x']],
    [['x']],
    [['--data', '.']],
  ])('refuses %j', (args) => {
    expect(() => parseLaunchArguments(args, folder)).toThrow(UsageError);
  });
});

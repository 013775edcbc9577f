import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLaunchArguments, UsageError } from './arguments.ts';

describe('parseLaunchArguments', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-arguments-'));
  writeFileSync(join(folder, 'My Sales 2024.csv.gz'), '');

  it('takes the sample when nothing is said', () => {
    expect(parseLaunchArguments([], folder)).toEqual({ dataFile: null, dataSet: 'simulated' });
  });
  it('keeps the data of each file in a folder of its own', () => {
    expect(parseLaunchArguments(['--data', 'My Sales 2024.csv.gz'], folder)).toEqual({
      dataFile: join(folder, 'My Sales 2024.csv.gz'),
      dataSet: 'own-my-sales-2024-csv-gz',
    });
  });
  it('shows the usage on request', () => {
    expect(parseLaunchArguments(['--help'], folder)).toBe('help');
  });
  it.each([[['--data', 'absent.csv']], [['--data']], [['--dta', 'x']], [['x']], [['--data', '.']]])(
    'refuses %j',
    (args) => {
      expect(() => parseLaunchArguments(args, folder)).toThrow(UsageError);
    },
  );
});

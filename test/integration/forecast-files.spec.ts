import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('npm run forecast', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-forecast-'));
  const lines = Array.from({ length: 3 * 120 }, (_, i) => {
    const date = new Date(Date.UTC(2024, 0, 1 + (i % 120)));
    const units = 3 + Math.floor(i / 120) + (date.getUTCDay() === 6 ? 4 : 0) + ((i * 7) % 3);
    return `${date.toISOString().slice(0, 10)},tea,shop-${Math.floor(i / 120)},${units}`;
  });
  writeFileSync(join(folder, 'sales.csv'), `date,sku,location,units\n${lines.join('\n')}\n`);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['dist/src/files/forecast.js', ...args], {
      encoding: 'utf8',
      env: { ...process.env, INIT_CWD: folder },
    });
  const request = ['--sales', 'sales.csv', '--train-until', '2024-04-15', '--horizon', '10', '--budget', 'quick'];

  it('writes a forecast and its accuracy', () => {
    const { status, stdout, stderr } = run(...request, '--out', 'out.csv', '--evaluate', 'sales.csv');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/WAPE +\d+\.\d % +\(\d+\.\d %\)/);
    const [header, ...rows] = readFileSync(join(folder, 'out.csv'), 'utf8').trim().split('\n');
    expect(header).toMatch(/^series,sku,location,date,mean,q0\.005,.*,q0\.995,history,own_weight$/);
    expect(rows).toHaveLength(30);
    expect(rows[0]).toMatch(/^tea \/ shop-0,tea,shop-0,2024-04-16,\d/);
    expect(rows[0]).toMatch(/,limited,1$/);
    for (const row of rows) {
      const quantiles = row.split(',').slice(5, 16).map(Number);
      expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
    }
    const metrics = JSON.parse(readFileSync(join(folder, 'out.metrics.json'), 'utf8')) as { wape: number };
    expect(metrics.wape).toBeLessThan(0.4);
  });

  it('lets a network compete where it is asked to', () => {
    const { status, stdout, stderr } = run(...request, '--out', 'network.csv', '--network');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('backtest, network');
    expect(readFileSync(join(folder, 'network.csv'), 'utf8').trim().split('\n')).toHaveLength(31);
  });

  it('says what is wrong in one sentence and leaves no file behind', () => {
    writeFileSync(join(folder, 'bad.csv'), 'date,sku,units\n2024-01-01,a,some\n');
    const { status, stderr } = run('--sales', 'bad.csv', '--out', 'none.csv');
    expect(status).toBe(2);
    expect(stderr).toContain('bad.csv, line 2, column units: "some" is not a number');
    expect(readdirSync(folder).filter((name) => name.includes('none'))).toEqual([]);
  });
});

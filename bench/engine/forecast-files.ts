import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Budget } from '../../src/engine/index.ts';
import { memoryOf, type Figure } from '../report.ts';
import { M5_STORES } from './m5-evaluator.ts';
import type { SectionOptions } from './sections.ts';

/** The peak a process reports never falls, so that it may be looked at now and then. */
const LOOK_EVERY_MS = 200;
const MEGABYTES_OF_GIGABYTE = 1024;

/** Last day the short form trains on. */
const SHORT_UNTIL = 'd_600';

/**
 * The forecast command on M5: from the files of sales, prices and calendar to the file of forecasts. The short form takes
 * the first days of one store and the least budget.
 */
export async function benchForecastFiles({ short, data }: SectionOptions): Promise<Figure[]> {
  if (data === null) throw new Error('The data sets are needed');
  const folder = join(data, 'm5');
  const figures = async (stores: readonly string[], budget: Budget, isJudged: boolean): Promise<Figure[]> => {
    const { seconds, peak } = await runForecast(folder, stores, budget, short ? { 'train-until': SHORT_UNTIL } : {});
    const name = `${stores.join(', ')}${short ? ` until ${SHORT_UNTIL}` : ''}, ${budget} budget, two threads`;
    return [
      {
        name: `${name}: files in to forecasts out`,
        value: seconds,
        unit: 's',
        ...(isJudged ? { target: { atMost: 120 } } : {}),
      },
      { name: `${name}: peak memory`, value: peak, unit: 'GB', ...(isJudged ? { target: { atMost: 4 } } : {}) },
    ];
  };
  if (short) return figures(M5_STORES.slice(0, 1), 'quick', false);
  return [...(await figures(M5_STORES, 'thorough', true)), ...(await figures(M5_STORES, 'standard', false))];
}

/** @throws Error where the command fails */
async function runForecast(
  folder: string,
  stores: readonly string[],
  budget: Budget,
  more: Readonly<Record<string, string>>,
) {
  const own = fileURLToPath(import.meta.url);
  const command = join(own, `../../../src/files/forecast${extname(own)}`);
  const files = (kind: string) => stores.map((store) => join(folder, `${kind}_${store}.csv.gz`)).join(',');
  const outputs = mkdtempSync(join(tmpdir(), 'shelfcast-bench-'));
  try {
    const options = {
      layout: 'm5',
      sales: files('sales'),
      prices: files('prices'),
      calendar: join(folder, 'calendar.csv.gz'),
      out: join(outputs, 'forecasts.csv'),
      budget,
      threads: '2',
      ...more,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const started = performance.now();
    const child = spawn(process.execPath, [...process.execArgv, command, ...args], { stdio: 'inherit' });
    let peak = 0;
    const look = setInterval(() => {
      if (child.pid !== undefined && child.exitCode === null) peak = Math.max(peak, memoryOf(child.pid).peak || 0);
    }, LOOK_EVERY_MS);
    const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    clearInterval(look);
    if (status !== 0) throw new Error(`The forecast command ended with ${String(status)}`);
    return { seconds: (performance.now() - started) / 1000, peak: peak / MEGABYTES_OF_GIGABYTE };
  } finally {
    rmSync(outputs, { recursive: true });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { Figure, memoryOf, percentile, short } from '../report.ts';
import type { RunningSystem } from '../running-system.ts';

const RATE = 5;
const SECONDS = short ? 15 : 60;
/** So often the sales change, which makes everything that was computed worthless. */
const CHANGE_SECONDS = 5;

/**
 * Forecasts nothing is stored of: series by series at a steady rate, while the state of the sales changes every few
 * seconds, so that each change costs a computation that the requests in the meantime wait for.
 */
export async function measureSynchronousForecasts(
  system: RunningSystem,
  database: Client,
  paths: readonly string[],
): Promise<Figure[]> {
  await database.query('DELETE FROM forecast_series');
  await database.query('UPDATE forecast_clock SET publications = publications + 1');
  await sleep(1000);
  const headers = { authorization: `Bearer ${system.client.token}` };
  const milliseconds: number[] = [];
  const ask = async (path: string) => {
    const start = performance.now();
    const answer = await fetch(system.origin + path, { headers });
    const { run_id: runId, points } = (await answer.json()) as { run_id?: unknown; points?: unknown[] };
    milliseconds.push(performance.now() - start);
    if (answer.status !== 200 || runId !== null || !points?.length)
      throw new Error(`${path} was answered by ${answer.status}, run ${JSON.stringify(runId)}`);
  };
  const asked: Promise<void>[] = [];
  for (let i = 0; i < RATE * SECONDS; i++) {
    if (i > 0 && i % (RATE * CHANGE_SECONDS) === 0)
      await database.query('UPDATE data_clock SET load_sequence = load_sequence + 1');
    asked.push(ask(paths[i % paths.length]));
    await sleep(1000 / RATE);
  }
  await Promise.all(asked);
  return [
    {
      name: `forecast on request: p95 at ${RATE} requests/s, sales changing every ${CHANGE_SECONDS} s`,
      value: percentile(milliseconds, 0.95),
      unit: 'ms',
      target: { atMost: 5000 },
    },
    { name: 'forecast on request: median', value: percentile(milliseconds, 0.5), unit: 'ms' },
    { name: 'API process after forecasts on request, peak', value: memoryOf(system.api.pid).peak, unit: 'MB' },
  ];
}

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { localSettings } from '../platform/config/config.ts';
import { runInThread, ThreadError, threadFile } from '../platform/threads/index.ts';
import { parseForecastArguments, USAGE, type ForecastArguments } from './arguments.ts';
import { buffersIn, type FitInput, type FitOutput } from './fit-types.ts';
import type { ForecastInput } from './forecast-input.ts';
import { InputError, UsageError } from './input-error.ts';
import { readLong, readLongActuals } from './read-long.ts';
import { readM5, readM5Actuals } from './read-m5.ts';
import { scoreForecast } from './score-forecast.ts';
import { levelBaselineOf, scoreLevels } from './score-levels.ts';
import { baselineOf } from './score-point.ts';
import { StageBar } from './stage-bar.ts';
import { scoreSummary, trainingSummary } from './summary.ts';
import { writeForecast } from './write-forecast.ts';

const CANCELLED = 130;
const BAD_INPUT = 2;
/** Heap of the training's thread; the arrays of the panel do not count. */
const THREAD_HEAP_MEGABYTES = 4096;

/** Runs one stage under a bar. */
async function stage<T>(
  label: string,
  work: (update: (share: number, message?: string) => void) => Promise<T>,
  result: (value: T) => string,
): Promise<T> {
  const bar = new StageBar(label, process.stdout);
  const started = performance.now();
  const value = await work((share, message) => bar.update(share, message));
  bar.done(`${result(value)} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return value;
}

function train(
  input: ForecastInput,
  { seed, budget, threads, holdOut, network }: ForecastArguments,
  signal: AbortSignal,
  onProgress: (share: number, message: string) => void,
): Promise<FitOutput> {
  const { panel, events, horizon, known, future } = input;
  const fit: FitInput = {
    panel,
    events,
    network,
    options: { seed, horizon, known, future, budget, threads, holdOutPeriods: holdOut },
  };
  return runInThread<FitInput, FitOutput>(threadFile(import.meta.url, 'forecast.thread'), fit, {
    signal,
    onProgress: (percent, message) => onProgress(percent / 100, message),
    transfer: buffersIn(fit),
    maxHeapMegabytes: THREAD_HEAP_MEGABYTES,
  });
}

/** Refuses an output that could not be written or would replace what is read. @throws UsageError */
function checkOut({ out, read, evaluate }: ForecastArguments): void {
  if (!existsSync(dirname(out)) || !statSync(dirname(out)).isDirectory())
    throw new UsageError(`--out: there is no folder ${dirname(out)}`);
  if (existsSync(out) && !statSync(out).isFile()) throw new UsageError(`--out ${out}: this is not a file`);
  const sources = [...read.sales, ...read.prices, ...evaluate, read.calendar ?? '', read.events ?? ''];
  if (sources.includes(out)) throw new UsageError(`--out ${out}: the forecast would replace a file that is read`);
}

/** Reads, trains, writes and judges. */
async function forecastFiles(request: ForecastArguments, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { layout, read, out, evaluate } = request;
  checkOut(request);
  const input = await stage(
    'Reading',
    (onProgress) => (layout === 'm5' ? readM5 : readLong)(read, { signal, onProgress }),
    ({ panel, frequency }) => `${panel.seriesCount} series, ${panel.periodCount} ${frequency} periods`,
  );
  for (const note of input.notes) console.log(`  note: ${note}`);
  const { horizon } = input;
  let actual: Float32Array | null = null;
  if (evaluate.length > 0)
    actual = await stage(
      'Actuals',
      (onProgress) =>
        layout === 'm5'
          ? readM5Actuals(evaluate, input, { signal, onProgress })
          : readLongActuals({ ...read, sales: evaluate }, input, { signal, onProgress }),
      (values) => `${values.filter((value) => value >= 0).length} of ${values.length} known`,
    );
  if (actual?.every((value) => Number.isNaN(value)))
    throw new InputError(
      `${evaluate.join(', ')}: there are no actual sales from ${input.dates[input.panel.periodCount]} to ${input.dates[input.dates.length - 1]}`,
    );
  const baseline = actual ? baselineOf(input.panel, horizon) : null;
  const levelBaseline = actual && layout === 'm5' ? levelBaselineOf(input.panel) : null;
  const fit = await stage(
    'Training',
    (update) => train(input, request, signal, update),
    ({ leaderboard }) => (leaderboard.length > 0 ? 'done, members chosen on rolling origins' : 'done'),
  );
  await stage(
    'Writing',
    (onProgress) => writeForecast(out, input, fit.forecast, { signal, onProgress }),
    () => `${fit.forecast.seriesIndices.length * horizon} lines in ${out}`,
  );
  console.log(`\n${trainingSummary(input, fit)}`);
  if (actual && baseline) {
    const score = scoreForecast(fit.forecast, actual, baseline, input.frequency);
    const levels = levelBaseline && scoreLevels(fit.forecast, actual, baseline.naive, levelBaseline);
    const metrics = out.replace(/\.csv$/i, '') + '.metrics.json';
    writeFileSync(metrics, `${JSON.stringify({ ...score, ...(levels ? { levels } : {}) }, null, 2)}\n`);
    console.log(`\n${scoreSummary(score, levels)}\nwritten to             ${basename(metrics)}`);
  }
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`\n${((performance.now() - started) / 1000).toFixed(1)} s, at most ${peak.toFixed(0)} MB of memory`);
}

/** Exit code of an error, after saying what is wrong. */
function explain(error: unknown, cancelled: boolean): number {
  if (cancelled) {
    console.error('\nCancelled; nothing was written.');
    return CANCELLED;
  }
  const { message, stack } = error as Error;
  if (error instanceof UsageError) console.error(`\n${message}\nnpm run forecast -- --help lists the options.`);
  else if (error instanceof InputError || (error instanceof ThreadError && error.code === 'INVALID_INPUT'))
    console.error(`\n${message}`);
  else {
    console.error(`\n${stack ?? message}`);
    return 1;
  }
  return BAD_INPUT;
}

const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    // A second time: whoever asks twice will not wait for the stage to notice.
    if (abort.signal.aborted) process.exit(CANCELLED);
    abort.abort();
  });
try {
  const request = parseForecastArguments(process.argv.slice(2), localSettings().callerDir);
  if (request === 'help') console.log(USAGE);
  else await forecastFiles(request, abort.signal);
} catch (error) {
  process.exitCode = explain(error, abort.signal.aborted);
}

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createRng } from '../../src/engine/rng.ts';
import { awkwardSeries, violationOf } from '../../src/engine/seasonal/awkward-series.ts';
import { awkwardPanel, violationsOf } from '../../src/engine/pipeline/awkward-panels.ts';
import { FREQUENCIES } from '../../src/engine/series/frequency.ts';
import { LOCAL_MODELS, localModelsWith, type LocalModel } from '../../src/engine/seasonal/local-models.ts';
import { median, type Figure } from '../report.ts';

const SEASON = 7;
const HORIZON = 28;
const FITTED_DAYS = 730;
const STORES = ['CA_1', 'TX_2', 'WI_1'];
const FIRST_DAY_COLUMN = 6;
/** Of 100,000 series the decomposition sees one in twenty: it costs as much as all other models together. */
const MSTL_EVERY = 20;
/** Series per panel; coprime with the number of frequencies, so that all meet. */
const PANEL_SIZES = [40, 1500, 7, 300, 900];
/** Two-sided 95 % point of the normal distribution. */
const Z95 = 1.959964;

/** What a bench of the engine is given. */
interface BenchOptions {
  readonly short: boolean;
  /** Python with statsmodels, or null. */
  readonly python: string | null;
  /** Folder that holds `m5/`, or null. */
  readonly data: string | null;
}

/** Series cut where the forecast begins. */
interface Sample {
  readonly fitted: readonly Float32Array[];
  readonly actual: readonly Float32Array[];
}

/**
 * The statistical models: bounds kept on awkward series, CPU time of a series of 730 days with 28 ahead, and, where the
 * M5 data are at hand, accuracy and coverage on items summed over three stores against statsmodels' damped additive
 * Holt-Winters on the same series in the same run, one thread each.
 */
export async function benchStatistical({ short, python, data }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [violations(short ? 10_000 : 100_000), pipelineViolations(short ? 5_000 : 100_000)];
  const items = data === null ? null : itemTotals(join(data, 'm5'));
  const timed = sampleOf(items ?? syntheticDemand(3000), short ? 200 : 2000);
  const cpu = { ets: cpuMillis(LOCAL_MODELS.ets, timed), theta: cpuMillis(LOCAL_MODELS.theta, timed) };
  figures.push(
    { name: 'ETS, a series of 730 days', value: cpu.ets, unit: 'CPU ms', target: { atMost: 1 } },
    { name: 'theta, a series of 730 days', value: cpu.theta, unit: 'CPU ms', target: { atMost: 1 } },
  );
  if (items === null) {
    console.log('statistical: without the M5 data no accuracy is measured');
    return figures;
  }
  return [...figures, ...accuracy(sampleOf(items, short ? 30 : 200), python)];
}

function violations(count: number): Figure {
  const wasm = readFileSync(
    createRequire(import.meta.url)
      .resolve('@bsull/augurs/mstl')
      .replace(/\.js$/, '_bg.wasm'),
  );
  const models = Object.entries(localModelsWith(wasm));
  const rng = createRng(20);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const series = awkwardSeries(rng, i % 50 === 0 ? 800 : 90);
    for (const [name, model] of models) {
      if (name === 'mstl' && i % MSTL_EVERY > 0) continue;
      const wrong = violationOf(model, series, rng);
      if (wrong === null) continue;
      found++;
      if (found <= 10) console.log(`${name} on ${series.kind} of ${series.end} periods: ${wrong}`);
    }
  }
  return {
    name: `bounds broken by ${models.length} models on ${count} awkward series (mstl on every ${MSTL_EVERY}th)`,
    value: found,
    unit: 'times',
    target: { atMost: 0 },
  };
}

/** Awkward series through the whole pipeline, panels of all frequencies and of few and many series in turn. */
function pipelineViolations(count: number): Figure {
  let found = 0;
  let panels = 0;
  for (let drawn = 0; drawn < count; panels++) {
    const seriesCount = Math.min(count - drawn, PANEL_SIZES[panels % PANEL_SIZES.length]);
    const frequency = FREQUENCIES[panels % FREQUENCIES.length];
    const wrong = violationsOf(awkwardPanel(panels, { seriesCount, periodCount: 60 + (panels % 7) * 20, frequency }));
    for (const text of wrong) if (found++ < 10) console.log(`panel ${panels}, ${frequency}: ${text}`);
    drawn += seriesCount;
  }
  return {
    name: `bounds broken by the whole pipeline on ${count} awkward series in ${panels} panels`,
    value: found,
    unit: 'times',
    target: { atMost: 0 },
  };
}

/** Sales of each item summed over the stores, of those that sold a unit a day in the days fitted. */
function itemTotals(folder: string): Float32Array[] | null {
  if (!existsSync(folder)) return null;
  const totals = new Map<string, Float32Array>();
  for (const store of STORES) {
    const lines = gunzipSync(readFileSync(join(folder, `sales_${store}.csv.gz`)))
      .toString('latin1')
      .split('\n');
    for (const line of lines.slice(1)) {
      const cells = line.split(',');
      if (cells.length <= FIRST_DAY_COLUMN) continue;
      const days = cells.length - FIRST_DAY_COLUMN;
      const total = totals.get(cells[1]) ?? new Float32Array(days);
      for (let d = 0; d < days; d++) total[d] += Number(cells[FIRST_DAY_COLUMN + d]);
      totals.set(cells[1], total);
    }
  }
  return [...totals.values()].filter((total) => {
    const fitted = total.subarray(-FITTED_DAYS - HORIZON, -HORIZON);
    return fitted.reduce((sum, value) => sum + value, 0) >= FITTED_DAYS;
  });
}

/** Whole-number demand with a week in it, for timing where there are no data. */
function syntheticDemand(count: number): Float32Array[] {
  const rng = createRng(4);
  return Array.from({ length: count }, () => {
    const level = 1 + 20 * rng();
    return Float32Array.from({ length: FITTED_DAYS + HORIZON }, (_, t) =>
      Math.floor(level * (t % SEASON >= 5 ? 3 : 2) * rng()),
    );
  });
}

/** A seeded choice of `count` series, cut into the days fitted and those forecast. */
function sampleOf(series: readonly Float32Array[], count: number): Sample {
  const rng = createRng(8);
  const order = series.map((row) => ({ row, key: rng() })).sort((a, b) => a.key - b.key);
  const chosen = order.slice(0, count).map(({ row }) => row.slice(-FITTED_DAYS - HORIZON));
  return {
    fitted: chosen.map((row) => row.slice(0, FITTED_DAYS)),
    actual: chosen.map((row) => row.slice(FITTED_DAYS)),
  };
}

function forecasts(model: LocalModel, { fitted }: Sample): { mean: Float32Array[]; sd: Float32Array[] } {
  const sd = fitted.map(() => new Float32Array(HORIZON));
  const observed = new Uint8Array(FITTED_DAYS).fill(1);
  const mean = fitted.map((values, i) => {
    const out = new Float32Array(HORIZON);
    const series = { values, observed, offset: 0, first: 0, end: FITTED_DAYS };
    model(series, [SEASON], HORIZON, out, 0, { sd: sd[i] });
    return out;
  });
  return { mean, sd };
}

/** Median over five repetitions after one that warms up. */
function cpuMillis(model: LocalModel, sample: Sample): number {
  const measured: number[] = [];
  for (let repetition = 0; repetition < 6; repetition++) {
    const before = process.cpuUsage();
    forecasts(model, sample);
    const { user, system } = process.cpuUsage(before);
    if (repetition > 0) measured.push((user + system) / 1000 / sample.fitted.length);
  }
  return median(measured);
}

/** Mean over the series of the absolute error over that of the same weekday a week before, in the days fitted. */
function mase(mean: readonly ArrayLike<number>[], { fitted, actual }: Sample): number {
  let sum = 0;
  let count = 0;
  fitted.forEach((values, i) => {
    let scale = 0;
    for (let t = SEASON; t < values.length; t++) scale += Math.abs(values[t] - values[t - SEASON]);
    if (scale === 0) return;
    let error = 0;
    for (let h = 0; h < HORIZON; h++) error += Math.abs(mean[i][h] - actual[i][h]);
    sum += error / HORIZON / (scale / (values.length - SEASON));
    count++;
  });
  return sum / count;
}

function accuracy(sample: Sample, python: string | null): Figure[] {
  const ets = forecasts(LOCAL_MODELS.ets, sample);
  const found = {
    ets: mase(ets.mean, sample),
    theta: mase(forecasts(LOCAL_MODELS.theta, sample).mean, sample),
    naive: mase(forecasts(LOCAL_MODELS.seasonal_naive, sample).mean, sample),
  };
  let inside = 0;
  sample.actual.forEach((row, i) =>
    row.forEach((value, h) => {
      if (Math.abs(value - ets.mean[i][h]) <= Z95 * ets.sd[i][h]) inside++;
    }),
  );
  const count = sample.actual.length;
  const atNaive = { atMost: Number(found.naive.toPrecision(4)) };
  const figures: Figure[] = [
    { name: `MASE of seasonal naive on ${count} M5 items`, value: found.naive, unit: '' },
    { name: 'MASE of ETS', value: found.ets, unit: '', target: atNaive },
    { name: 'MASE of theta', value: found.theta, unit: '', target: atNaive },
    {
      name: 'demand inside the 95 % interval of ETS',
      value: inside / (count * HORIZON),
      unit: 'share',
      target: { between: [0.93, 0.97] },
    },
  ];
  const peer = python === null ? null : statsmodels(python, sample);
  if (peer === null) {
    console.log('statistical: without statsmodels there is no peer');
    return figures;
  }
  const theirs = mase(peer.mean, sample);
  // Timed again beside the peer, so that both meet the same load.
  const millis = cpuMillis(LOCAL_MODELS.ets, sample);
  const peerMillis = (peer.cpuSeconds * 1000) / count;
  return [
    ...figures,
    { name: `MASE of damped Holt-Winters, statsmodels ${peer.version}`, value: theirs, unit: '' },
    { name: 'MASE of ETS to statsmodels', value: found.ets / theirs, unit: 'times', target: { atMost: 1 } },
    { name: 'MASE of theta to statsmodels', value: found.theta / theirs, unit: 'times', target: { atMost: 1 } },
    { name: 'damped Holt-Winters, statsmodels', value: peerMillis, unit: 'CPU ms' },
    { name: 'speed of ETS to statsmodels', value: peerMillis / millis, unit: 'times', target: { atLeast: 100 } },
  ];
}

interface PeerAnswer {
  readonly version: string;
  readonly mean: readonly (readonly number[])[];
  readonly cpuSeconds: number;
}

/** Null where the interpreter cannot run the peer. */
function statsmodels(python: string, { fitted }: Sample): PeerAnswer | null {
  const { status, stdout, stderr } = spawnSync(python, ['bench/engine/peers/statistical.py'], {
    input: JSON.stringify({ season: SEASON, horizon: HORIZON, series: fitted.map((row) => [...row]) }),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status === 0) return JSON.parse(stdout) as PeerAnswer;
  console.log(`statistical: the peer failed: ${stderr}`);
  return null;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '../../src/engine/rng.ts';
import { dayFromCivil } from '../../src/engine/series/days.ts';
import { forecastNeural, trainNeural, type NeuralData } from '../../src/engine/neural/index.ts';
import { loadRuntime } from '../../src/engine/neural/runtime.ts';
import { observedDays } from '../../src/engine/series/availability.ts';
import type { CalendarEvent, Panel } from '../../src/engine/series/panel.ts';
import { median, type Figure } from '../report.ts';

interface BenchOptions {
  readonly short: boolean;
  readonly python: string | null;
  readonly data: string | null;
}

const BATCH = 1024;
/** Inputs, three hidden layers, 28 days × 5 quantiles. */
const WIDTHS = [96, 256, 256, 256, 140];
const DAYS = 1941;
const HORIZON = 28;

function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A function that computes the gradients of one step of a multilayer perceptron. */
function perceptronStep(): () => void {
  const rng = createRng(1);
  const random = (rows: number, columns: number) =>
    tf.keep(
      tf.tensor2d(
        new Float32Array(rows * columns).map(() => (2 * rng() - 1) * Math.sqrt(3 / rows)),
        [rows, columns],
      ),
    );
  const kernels = WIDTHS.slice(1).map((width, i) => random(WIDTHS[i], width));
  const biases = WIDTHS.slice(1).map((width) => random(1, width));
  const x = random(BATCH, WIDTHS[0]);
  const dy = random(BATCH, WIDTHS[WIDTHS.length - 1]);
  const network = tf.grads((...weights: tf.Tensor[]) => {
    let h: tf.Tensor = x;
    for (let i = 0; i < kernels.length; i++) {
      h = tf.add(tf.matMul(h as tf.Tensor2D, weights[i] as tf.Tensor2D), weights[kernels.length + i]);
      if (i + 1 < kernels.length) h = tf.relu(h);
    }
    return h;
  });
  return () => tf.tidy(() => network([...kernels, ...biases], dy).forEach((gradient) => gradient.dataSync()));
}

/** CPU time of a step with the stock matrix product and with the corrected one, alternating. */
async function stepTimes(repetitions: number): Promise<{ stock: number; corrected: number }> {
  await import('@tensorflow/tfjs-backend-wasm');
  const kernelName = tf.BatchMatMul;
  const stock = tf.getKernel(kernelName, 'wasm');
  await loadRuntime({ backend: 'wasm' });
  const corrected = tf.getKernel(kernelName, 'wasm');
  const step = perceptronStep();
  const times = { stock: [] as number[], corrected: [] as number[] };
  for (let i = 0; i <= repetitions; i++) {
    for (const [name, kernel] of [
      ['stock', stock],
      ['corrected', corrected],
    ] as const) {
      tf.unregisterKernel(kernelName, 'wasm');
      tf.registerKernel(kernel);
      const time = cpuMilliseconds(step);
      // The first round warms up.
      if (i > 0) times[name].push(time);
    }
  }
  return { stock: median(times.stock), corrected: median(times.corrected) };
}

const readCsv = (path: string): string[][] =>
  gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));

/** Items of one store of the M5 whose names begin with a prefix, on all days, with events and SNAP days. */
function loadStore(folder: string, prefix: string): { panel: Panel; events: CalendarEvent[] } {
  const [calendarHead, ...calendar] = readCsv(join(folder, 'calendar.csv.gz'));
  const startPeriod = dayFromCivil(2011, 1, 29);
  const events = ['event_name_1', 'event_name_2'].flatMap((column) => {
    const at = calendarHead.indexOf(column);
    return calendar.flatMap((row, i) => (row[at] ? [{ day: startPeriod + i, name: row[at] }] : []));
  });
  const [head, ...rows] = readCsv(join(folder, 'sales_CA_1.csv.gz'));
  const items = rows.filter(([id]) => id.startsWith(prefix));
  const departments = items.map((row) => row[head.indexOf('dept_id')]);
  const vocabulary = [...new Set(departments)];
  const seriesCount = items.length;
  const sales = new Float32Array(seriesCount * DAYS).fill(NaN);
  const firstPeriod = new Int32Array(seriesCount);
  items.forEach((row, s) => {
    const values = row.slice(-DAYS).map(Number);
    const first = values.findIndex((value) => value > 0);
    firstPeriod[s] = first < 0 ? DAYS : first;
    for (let t = firstPeriod[s]; t < DAYS; t++) sales[s * DAYS + t] = values[t];
  });
  const panel: Panel = {
    startPeriod,
    periodCount: DAYS,
    seriesCount,
    sales,
    price: null,
    promotion: null,
    inStock: null,
    product: Int32Array.from(items, (_, s) => s),
    location: new Int32Array(seriesCount),
    category: Int32Array.from(departments, (name) => vocabulary.indexOf(name)),
    firstPeriod,
    covariates: [
      {
        name: 'snap',
        known: true,
        rowOf: new Int32Array(seriesCount),
        values: Float32Array.from(calendar, (row) => Number(row[calendarHead.indexOf('snap_CA')])),
        stride: calendar.length,
      },
    ],
  };
  return { panel, events };
}

/** The same data without the last horizon. */
function heldOut({ panel, events }: { panel: Panel; events: CalendarEvent[] }): NeuralData {
  const periodCount = DAYS - HORIZON;
  const sales = new Float32Array(panel.seriesCount * periodCount);
  for (let s = 0; s < panel.seriesCount; s++)
    sales.set(panel.sales.subarray(s * DAYS, s * DAYS + periodCount), s * periodCount);
  const cut = { ...panel, sales, periodCount };
  return { panel: cut, observed: observedDays(cut), events };
}

function wape({ sales, seriesCount }: Panel, forecast: (series: number, step: number) => number): number {
  let error = 0;
  let total = 0;
  for (let s = 0; s < seriesCount; s++) {
    for (let h = 0; h < HORIZON; h++) {
      const actual = sales[s * DAYS + DAYS - HORIZON + h];
      if (Number.isNaN(actual)) continue;
      error += Math.abs(actual - forecast(s, h));
      total += actual;
    }
  }
  return error / total;
}

async function accuracyFigures(folder: string, short: boolean): Promise<Figure[]> {
  const prefix = short ? 'FOODS_1' : 'FOODS';
  const store = loadStore(folder, prefix);
  const data = heldOut(store);
  const before = process.cpuUsage();
  const model = await trainNeural(data, short ? { steps: 150 } : {});
  const { user, system } = process.cpuUsage(before);
  if (!model) throw new Error('The history is too short');
  const { mean } = await forecastNeural(model, data);
  const last = (s: number, h: number) => store.panel.sales[s * DAYS + DAYS - HORIZON - 7 + (h % 7)] || 0;
  const name = `M5 CA_1 ${prefix}, d_1914–1941`;
  const naive = wape(store.panel, last);
  const network = wape(store.panel, (s, h) => mean[s * HORIZON + h]);
  return [
    {
      name: `${name}: CPU seconds to train the network`,
      value: (user + system) / 1e6,
      unit: 's',
      target: { atMost: 90 },
    },
    { name: `${name}: WAPE of the last week repeated`, value: naive, unit: '' },
    { name: `${name}: WAPE of the network`, value: network, unit: '' },
    { name: `${name}: WAPE, network to last week`, value: network / naive, unit: '', target: { atMost: 0.9 } },
  ];
}

/**
 * Cost of a gradient step of a multilayer perceptron (96-256×3-28×5, batch 1024) with the stock matrix product of the
 * WASM back end and with the corrected one, and, where the M5 data are at hand, accuracy against the last week repeated.
 */
export async function benchNeural({ short, data }: BenchOptions): Promise<Figure[]> {
  const { stock, corrected } = await stepTimes(short ? 3 : 9);
  const figures: Figure[] = [
    { name: 'gradient step, stock matrix product', value: stock, unit: 'CPU ms' },
    { name: 'gradient step, corrected matrix product', value: corrected, unit: 'CPU ms' },
    { name: 'stock to corrected', value: stock / corrected, unit: 'times', target: { atLeast: 3 } },
  ];
  const folder = data === null ? null : join(data, 'm5');
  if (folder === null || !existsSync(folder)) return figures;
  return [...figures, ...(await accuracyFigures(folder, short))];
}

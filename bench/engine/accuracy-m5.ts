import { join } from 'node:path';
import {
  SEGMENTS,
  trainForecaster,
  type Forecast,
  type FuturePlan,
  type TrainOptions,
} from '../../src/engine/index.ts';
import { memoryOf, type Figure } from '../report.ts';
import { M5_HORIZON, m5Panel, m5Scorer, readM5, scoreM5, type Codes, type M5, type M5Score } from './m5-evaluator.ts';
import type { SectionOptions } from './sections.ts';
import { bridgeForecast, foldOf, scoreUncertainty, type PastFold } from './uncertainty-m5.ts';

/** Days known when a window is forecast: `d_<origin>` is the last one. */
interface Window {
  readonly name: string;
  readonly origin: number;
}

/** With what its WRMSSE may be at most. */
const SPRING: readonly (Window & { readonly atMost: number })[] = [
  { name: 'A', origin: 1857, atMost: 0.555 },
  { name: 'B', origin: 1885, atMost: 0.485 },
  { name: 'C', origin: 1913, atMost: 0.5 },
];
const SEASONAL: readonly Window[] = [
  { name: 'Thanksgiving', origin: 1749 },
  { name: 'Christmas', origin: 1775 },
];
/** Between Christmas and A, for the spread of sums in A: forecast by the model of Christmas. */
const BRIDGE = 1829;
/** Windows before the one judged from which the spread of sums is scaled: one alone says little about the total. */
const SPREAD_FOLDS = 2;
const INTERVALS = [
  { share: 50, low: 0.25, high: 0.75 },
  { share: 80, low: 0.1, high: 0.9 },
  { share: 95, low: 0.025, high: 0.975 },
];
/** The classes a series on sale can have; the others tell of series that hardly sell yet or any more. */
const SELLING_CLASSES: readonly string[] = ['smooth', 'erratic', 'intermittent', 'lumpy'];
const MEGABYTES_OF_GIGABYTE = 1024;

/**
 * Forecasts of M5 windows from the days before them: point, interval and seasonal accuracy, time and memory. The short
 * form takes two departments of one store, the least budget and one window.
 */
export function benchAccuracyM5({ short, data }: SectionOptions): Figure[] {
  if (data === null) throw new Error('The data sets are needed');
  const folder = join(data, 'm5');
  return short ? shortFigures(readM5(folder, ['CA_1'])) : fullFigures(readM5(folder));
}

function fullFigures(m5: M5): Figure[] {
  const figures: Figure[] = [];
  const folds: PastFold[] = [];
  const seasonal = SEASONAL.map((window) => {
    const { forecast, model, seconds } = forecastWindow(m5, window, { budget: 'thorough' });
    if (figures.length === 0)
      figures.push(
        { name: 'train and forecast one window, two threads', value: seconds, unit: 's' },
        {
          name: 'peak memory of that',
          value: memoryOf(process.pid).peak / MEGABYTES_OF_GIGABYTE,
          unit: 'GB',
        },
      );
    folds.push(foldOf(m5, window.origin, forecast.mean));
    const ratio = againstWeekdayMean(m5, window, forecast);
    return { window, model, ratio };
  });
  const christmas = seasonal[seasonal.length - 1];
  folds.push(foldOf(m5, BRIDGE, bridgeForecast(m5, BRIDGE, christmas.model, planOf(m5, BRIDGE)).mean));

  const scores: M5Score[] = [];
  const uncertainty: number[] = [];
  const coverage = new Coverage();
  for (const window of SPRING) {
    const { forecast } = forecastWindow(m5, window, { budget: 'thorough' });
    const scorer = m5Scorer(m5, window.origin);
    const score = scorer.score(forecast.mean);
    scores.push(score);
    uncertainty.push(scoreUncertainty(m5, scorer, window.origin, forecast, folds.slice(-SPREAD_FOLDS)));
    coverage.add(forecast, scorer.actual);
    folds.push(foldOf(m5, window.origin, forecast.mean));
    console.log(`${window.name}: ${JSON.stringify(score)}`);
  }
  const each = (name: string, unit: string, of: (score: M5Score) => number): Figure[] =>
    SPRING.map((window, i) => ({ name: `${name}, ${window.name}`, value: of(scores[i]), unit }));
  return [
    ...SPRING.map(({ name, atMost }, i) => ({
      name: `WRMSSE, ${name}`,
      value: scores[i].wrmsse,
      unit: '',
      target: { atMost },
    })),
    ...each('WRMSSE of level 12', '', ({ byLevel }) => byLevel[11]),
    {
      name: 'WAPE of item × store × day, mean',
      value: mean(scores.map(({ wape }) => wape)),
      unit: '',
      target: { atMost: 0.73 },
    },
    ...each('WAPE', '', ({ wape }) => wape),
    {
      name: 'size of the bias, mean',
      value: 100 * mean(scores.map(({ bias }) => Math.abs(bias))),
      unit: '%',
      target: { atMost: 2.5 },
    },
    ...each('bias', '%', ({ bias }) => 100 * bias),
    { name: 'WSPL of 12 levels, mean', value: mean(uncertainty), unit: '', target: { atMost: 0.142 } },
    ...SPRING.map(({ name }, i) => ({ name: `WSPL, ${name}`, value: uncertainty[i], unit: '' })),
    ...coverage.figures(),
    {
      name: 'WRMSSE below the mean of the last four same weekdays, mean of Thanksgiving and Christmas',
      value: 100 * (1 - mean(seasonal.map(({ ratio }) => ratio))),
      unit: '%',
      target: { atLeast: 12 },
    },
    ...seasonal.map(({ window, ratio }) => ({
      name: `WRMSSE below that, ${window.name}`,
      value: 100 * (1 - ratio),
      unit: '%',
    })),
    ...figures,
  ];
}

function shortFigures(store: M5): Figure[] {
  const departments = ['FOODS_3', 'HOBBIES_1'];
  const m5 = onlySeries(store, (s) => departments.includes(store.department.names[store.department.of[s]]));
  const window = SPRING[1];
  const { forecast, seconds } = forecastWindow(m5, window, { budget: 'quick' });
  const { wape, bias } = scoreM5(m5, forecast.mean, window.origin);
  const name = `CA_1, ${departments.join(' and ')}, ${window.name}`;
  return [
    {
      name: `${name}: WRMSSE to that of the last four same weekdays`,
      value: againstWeekdayMean(m5, window, forecast),
      unit: 'times',
      target: { atMost: 1 },
    },
    { name: `${name}: WAPE`, value: wape, unit: '' },
    { name: `${name}: bias`, value: 100 * bias, unit: '%' },
    { name: `${name}: train and forecast`, value: seconds, unit: 's' },
  ];
}

function forecastWindow(m5: M5, { name, origin }: Window, options: TrainOptions) {
  const panel = m5Panel(m5, origin);
  const started = performance.now();
  const { forecast, model } = trainForecaster(panel, m5.calendar.events, {
    horizon: M5_HORIZON,
    holdOutPeriods: 0,
    known: { price: true },
    future: planOf(m5, origin),
    threads: 2,
    seed: 1,
    ...options,
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${name} took ${seconds.toFixed(0)} s`);
  return { forecast, model, seconds };
}

/** Prices of the days after an origin. */
function planOf({ seriesCount, price, calendar }: M5, origin: number): FuturePlan {
  const ahead = new Float32Array(seriesCount * M5_HORIZON);
  for (let s = 0; s < seriesCount; s++) {
    const from = s * calendar.dayCount + origin;
    ahead.set(price.subarray(from, from + M5_HORIZON), s * M5_HORIZON);
  }
  return { price: ahead };
}

/** WRMSSE of a forecast over that of the mean of the last four same weekdays. */
function againstWeekdayMean(m5: M5, { name, origin }: Window, forecast: Forecast): number {
  const naive = new Float32Array(m5.seriesCount * M5_HORIZON);
  for (let s = 0; s < m5.seriesCount; s++)
    for (let h = 0; h < M5_HORIZON; h++)
      for (let week = 1; week <= 4; week++)
        naive[s * M5_HORIZON + h] += m5.sales[s * m5.salesDays + origin - 7 * week + (h % 7)] / 4;
  const { score } = m5Scorer(m5, origin);
  const [ours, theirs] = [score(forecast.mean), score(naive)];
  console.log(`${name}: WRMSSE ${ours.wrmsse.toFixed(4)}, weekday mean ${theirs.wrmsse.toFixed(4)}`);
  return ours.wrmsse / theirs.wrmsse;
}

/** Counts how often sales fall into closed intervals. */
class Coverage {
  /** Cells per class of demand. */
  private readonly cells = new Float64Array(SEGMENTS.length);
  /** Those inside, per interval. */
  private readonly inside = INTERVALS.map(() => new Float64Array(SEGMENTS.length));

  add({ levels, quantiles, segment, horizon }: Forecast, actual: Float32Array): void {
    for (let row = 0; row < segment.length; row++) this.cells[segment[row]] += horizon;
    INTERVALS.forEach(({ low, high }, i) => {
      const from = quantiles[levels.indexOf(low)];
      const to = quantiles[levels.indexOf(high)];
      for (let at = 0; at < actual.length; at++)
        if (actual[at] >= from[at] && actual[at] <= to[at]) this.inside[i][segment[Math.floor(at / horizon)]]++;
    });
  }

  figures(): Figure[] {
    const all = SEGMENTS.map((_, index) => index);
    const classes = SEGMENTS.filter((_, index) => this.cells[index] > 0);
    const selling = classes.filter((name) => SELLING_CLASSES.includes(name)).map((name) => this.deviation(name));
    const share = (i: number) => (100 * sumOf(this.inside[i], all)) / sumOf(this.cells, all);
    const overall = INTERVALS.map((interval, i) => Math.abs(share(i) - interval.share));
    return [
      {
        name: 'coverage of 50, 80 and 95 %, largest deviation overall and in a demand class',
        value: Math.max(...overall, ...selling),
        unit: 'points',
        target: { atMost: 3 },
      },
      ...INTERVALS.map((interval, i) => ({ name: `coverage of ${interval.share} %`, value: share(i), unit: '%' })),
      ...classes.map((name) => ({
        name: `coverage, largest deviation of ${name} (${Math.round(this.cells[SEGMENTS.indexOf(name)] / 1000)} thousand cells)`,
        value: this.deviation(name),
        unit: 'points',
      })),
    ];
  }

  private deviation(name: (typeof SEGMENTS)[number]): number {
    const index = SEGMENTS.indexOf(name);
    return Math.max(
      ...INTERVALS.map(({ share }, i) => Math.abs((100 * this.inside[i][index]) / this.cells[index] - share)),
    );
  }
}

/** The series for which `keep` is true. */
function onlySeries(m5: M5, keep: (series: number) => boolean): M5 {
  const kept = Array.from({ length: m5.seriesCount }, (_, s) => s).filter(keep);
  const rows = (values: Float32Array, length: number) => {
    const out = new Float32Array(kept.length * length);
    kept.forEach((s, row) => out.set(values.subarray(s * length, (s + 1) * length), row * length));
    return out;
  };
  const codes = ({ names, of }: Codes): Codes => ({ names, of: Int32Array.from(kept, (s) => of[s]) });
  return {
    ...m5,
    seriesCount: kept.length,
    sales: rows(m5.sales, m5.salesDays),
    price: rows(m5.price, m5.calendar.dayCount),
    item: codes(m5.item),
    department: codes(m5.department),
    category: codes(m5.category),
    store: codes(m5.store),
    state: codes(m5.state),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sumOf(values: Float64Array, indices: readonly number[]): number {
  return indices.reduce((sum, index) => sum + values[index], 0);
}

import type { Figure } from '../report.ts';

/** What every section of the engine's bench is given. */
export interface SectionOptions {
  readonly short: boolean;
  /** Interpreter with the Python peers, or null. */
  readonly python: string | null;
  /** Folder that holds `m5/` and `breakfast-at-the-frat/`, or null. */
  readonly data: string | null;
}

/** A part of the bench that runs in a process of its own. */
export interface Section {
  readonly name: string;
  /** Left out altogether without the data sets. */
  readonly needsData: boolean;
  /** What a reader must know: data, peer, method. */
  readonly notes: readonly string[];
  /** Imports the section only where it runs, so that its memory is its own. */
  readonly load: () => Promise<(options: SectionOptions) => Figure[] | Promise<Figure[]>>;
}

/** All sections in the order of the table. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'boosting',
    needsData: false,
    notes: ['peer: LightGBM on the same rows; binning excluded for both, CPU seconds'],
    load: async () => (await import('./boosting.ts')).boosting,
  },
  {
    name: 'statistical',
    needsData: false,
    notes: ['peer: damped additive Holt-Winters of statsmodels on the same series, one thread each'],
    load: async () => (await import('./statistical.ts')).benchStatistical,
  },
  {
    name: 'features',
    needsData: false,
    notes: ['peer: window functions of DuckDB on the same rows in the same process, one thread each, in turn'],
    load: async () => (await import('./features.ts')).benchFeatures,
  },
  {
    name: 'neural',
    needsData: false,
    notes: ['peer: the stock matrix product of the WASM back end of TensorFlow.js'],
    load: async () => (await import('./neural.ts')).benchNeural,
  },
  {
    name: 'm5',
    needsData: true,
    notes: [
      'M5, stores CA_1, TX_2 and WI_1: 9,147 series; every window of 28 days is forecast from the days before it alone, with prices, events and SNAP days known ahead; two threads, seed 1',
      'settings of the engine were chosen on A (d_1858–1885), B (d_1886–1913), d_1606–1633, d_1661–1688, d_1750–1777, d_1776–1803 and d_1830–1857; none on C (d_1914–1941)',
      'with one store a state, levels 2 = 3, 6 = 8, 7 = 9 and 11 = 12, so scores do not compare with those of ten stores',
      'aims beyond the targets: WRMSSE .535, .470 and .480; WAPE .715; bias 1.5 %; WSPL .130; coverage within 1 point; Thanksgiving and Christmas 20 % below the weekday mean',
      'WSPL: levels 1–9 are lognormal around the sums, their spread from history and from the two windows before the one judged (before A: d_1830–1857, by the model of Christmas); level 10 are the quantiles of product totals; 11 and 12 those of the series',
      'coverage counts both ends of an interval as inside, over all series and days of A, B and C; a demand class is that at the origin',
    ],
    load: async () => (await import('./accuracy-m5.ts')).benchAccuracyM5,
  },
  {
    name: 'files',
    needsData: true,
    notes: ['the forecast command on the M5 files, without a hold-out'],
    load: async () => (await import('./forecast-files.ts')).benchForecastFiles,
  },
  {
    name: 'frat',
    needsData: true,
    notes: [
      'Breakfast at the Frat: 77 stores, 58 products, 130 weeks; the last 26 in windows of 4 weeks after week 104, 108, …, 124 and of 2 after 128, each forecast from the weeks before it alone; price, base price, feature, display and price cuts of the target week are known; a week without a sale is 0 at the base price, without promotion; a product is forecast in a store from its first sale there on',
      "peer: LightGBM on the engine's own features of the same sampled rows, as many members with the same sizes, with 75 and with 150 trees, by Tweedie loss or by squared loss of logarithms, of which the best counts; the mean of both losses, which is a part of the engine, is shown beside; settings of the engine were chosen on weeks 68 to 103; aim beyond the target: 10 % below it",
    ],
    load: async () => (await import('./accuracy-frat.ts')).benchAccuracyFrat,
  },
];

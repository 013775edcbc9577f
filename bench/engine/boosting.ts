import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_BOOSTER_PARAMS, predictBooster, trainBooster } from '../../src/engine/gbdt/index.ts';
import type { Booster, BoosterOptions, BoosterParams, Loss } from '../../src/engine/gbdt/index.ts';
import { median } from '../report.ts';
import type { Figure } from '../report.ts';
import { simulatedTable, storeTable } from './boosting-data.ts';
import { machineScaling } from './machine-scaling.ts';
import type { Table } from './boosting-data.ts';

/** Penalty on leaves, the same for both. */
const LAMBDA = 0;

interface Measured {
  /** CPU seconds of training without binning. */
  readonly seconds: number;
  readonly predictSeconds: number;
  readonly metric: number;
}

const parameterOf = (loss: Loss): number =>
  loss.kind === 'pinball' ? loss.quantile : loss.kind === 'tweedie' ? loss.power : 0;

function metricOf(loss: Loss, actual: Float32Array, predicted: Float32Array): number {
  const p = parameterOf(loss);
  let sum = 0;
  for (let i = 0; i < actual.length; i++) {
    const [y, f] = [actual[i], predicted[i]];
    if (loss.kind === 'pinball') sum += Math.max(p * (y - f), (p - 1) * (y - f));
    else if (loss.kind === 'poisson') sum += f - y * Math.log(f);
    else if (loss.kind === 'tweedie') sum += f ** (2 - p) / (2 - p) - (y * f ** (1 - p)) / (1 - p);
    else sum += (y - f) ** 2;
  }
  return sum / actual.length;
}

/** CPU and wall seconds of the trees alone: the clocks start when the first tree does. */
function train(
  table: Table,
  params: BoosterParams,
  options: BoosterOptions,
): { booster: Booster; cpu: number; wall: number } {
  let cpuStart = process.cpuUsage();
  let wallStart = performance.now();
  const onProgress = (done: number): boolean => {
    if (done === 0) {
      cpuStart = process.cpuUsage();
      wallStart = performance.now();
    }
    return true;
  };
  const booster = trainBooster(table.train, table.target, null, params, { ...options, onProgress });
  const { user, system } = process.cpuUsage(cpuStart);
  return { booster, cpu: (user + system) / 1e6, wall: (performance.now() - wallStart) / 1000 };
}

function ours(table: Table, loss: Loss, trees: number, options: BoosterOptions = {}): Measured & { wall: number } {
  const params = {
    ...DEFAULT_BOOSTER_PARAMS,
    loss,
    trees,
    maxBins: 255,
    lambdaL2: LAMBDA,
    categorical: table.categorical,
  };
  const { booster, cpu, wall } = train(table, params, options);
  predictBooster(booster, table.test);
  const start = process.cpuUsage();
  const predicted = predictBooster(booster, table.test);
  const { user, system } = process.cpuUsage(start);
  return { seconds: cpu, wall, predictSeconds: (user + system) / 1e6, metric: metricOf(loss, table.actual, predicted) };
}

/** Runs `work` with the peer's view of a table: its columns in files. */
function withPeer<R>(python: string, table: Table, work: (run: (loss: Loss, trees: number) => Measured) => R): R {
  const folder = mkdtempSync(join(tmpdir(), 'boosting-'));
  const write = (name: string, columns: readonly Float32Array[]): void =>
    writeFileSync(
      join(folder, `${name}.f32`),
      Buffer.concat(columns.map((c) => new Uint8Array(c.buffer, c.byteOffset, c.byteLength))),
    );
  try {
    write('train', table.train.columns);
    write('test', table.test.columns);
    write('target', [table.target]);
    write('actual', [table.actual]);
    return work((loss, trees) => {
      const task = {
        folder,
        rows: table.train.rowCount,
        testRows: table.test.rowCount,
        categorical: table.categorical.map((name) => table.train.names.indexOf(name)),
        loss: loss.kind,
        parameter: parameterOf(loss),
        trees,
        lambda: LAMBDA,
      };
      const text = execFileSync(python, ['bench/engine/peers/boosting.py', JSON.stringify(task)], {
        encoding: 'utf8',
        env: { ...process.env, OMP_NUM_THREADS: '1' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return JSON.parse(text) as Measured;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const excessOf = (own: Measured, other: Measured): number => 100 * (own.metric / other.metric - 1);

/**
 * Ours and the peer in turn; how often ours fits into the peer's time, and the test metric as a share of the peer's.
 * @param cuts the same table cut at other rows: where a few days of one store decide about a metric, one cut says little
 */
function compare(
  name: string,
  python: string,
  table: Table,
  cases: readonly { loss: Loss; atLeast: number; plain?: boolean }[],
  repetitions: number,
  cuts: readonly (() => Table)[] = [],
): Figure[] {
  const others = cuts.map((cutOf) => {
    const cut = cutOf();
    return withPeer(python, cut, (peer) => cases.map(({ loss }) => excessOf(ours(cut, loss, 100), peer(loss, 100))));
  });
  return withPeer(python, table, (peer) =>
    cases.flatMap(({ loss, atLeast, plain = false }, which) => {
      const runs = Array.from({ length: repetitions }, () => ({
        own: ours(table, loss, 100, { plain }),
        other: peer(loss, 100),
      }));
      const own = median(runs.map((run) => run.own.seconds));
      const other = median(runs.map((run) => run.other.seconds));
      const excesses = [excessOf(runs[0].own, runs[0].other), ...others.map((cut) => cut[which])];
      const title = `${name}, ${loss.kind}${plain ? ', plain TypeScript' : ''}`;
      return [
        { name: `${title}: CPU time to train`, value: own, unit: 's' },
        { name: `${title}: LightGBM's CPU time`, value: other, unit: 's' },
        {
          // Both of a pair meet the same neighbours on the machine, so that their ratio is steadier than either time.
          name: `${title}: speed against LightGBM`,
          value: median(runs.map((run) => run.other.seconds / run.own.seconds)),
          unit: '×',
          target: { atLeast },
        },
        {
          name: `${title}: test metric against LightGBM's${cuts.length > 0 ? `, mean of ${excesses.length} cuts` : ''}`,
          value: excesses.reduce((sum, excess) => sum + excess, 0) / excesses.length,
          unit: '%',
          target: { atMost: 0.5 },
        },
        ...(cuts.length > 0
          ? [
              { name: `${title}: best cut`, value: Math.min(...excesses), unit: '%' },
              { name: `${title}: worst cut`, value: Math.max(...excesses), unit: '%' },
            ]
          : []),
      ];
    }),
  );
}

/** Fits by one thread and by two in turn. */
function compareThreads(table: Table, repetitions: number): Figure[] {
  const squared: Loss = { kind: 'squared' };
  const runs = Array.from({ length: repetitions }, () => ({
    one: ours(table, squared, 100),
    two: ours(table, squared, 100, { threads: 2 }),
  }));
  return [
    {
      name: 'two threads against one: speed',
      value: median(runs.map(({ one, two }) => one.wall / two.wall)),
      unit: '×',
      target: { atLeast: 1.8 },
    },
    {
      name: 'two threads against one: test metric',
      value: runs[0].two.metric / runs[0].one.metric,
      unit: '×',
      target: { between: [1, 1] },
    },
  ];
}

/** 1000 trees on few rows; the time to predict 50,000 rows. */
function comparePrediction(python: string): Figure[] {
  const loss: Loss = { kind: 'squared' };
  const table = simulatedTable(20_000);
  const own = ours(table, loss, 1000);
  const other = withPeer(python, table, (peer) => peer(loss, 1000));
  return [
    { name: 'prediction, 1000 trees: rows a CPU second', value: 50_000 / own.predictSeconds, unit: 'rows' },
    {
      name: 'prediction, 1000 trees: speed against LightGBM',
      value: other.predictSeconds / own.predictSeconds,
      unit: '×',
      target: { atLeast: 2 },
    },
  ];
}

/**
 * Training and prediction of boosters against LightGBM, one thread each: 1,000,000 rows (100,000 in the short form) of
 * 30 features, 255 bins, 31 leaves, 100 trees at a rate of 0.1; binning excluded for both.
 */
export async function boosting(settings: {
  short: boolean;
  python: string | null;
  data: string | null;
}): Promise<Figure[]> {
  const { short, python, data } = settings;
  const rows = short ? 100_000 : 1_000_000;
  const repetitions = short ? 1 : 3;
  const table = simulatedTable(rows);
  const squared: Loss = { kind: 'squared' };
  const resident = process.memoryUsage().rss;
  ours(table, squared, 100);
  // Every section has a process of its own, so that the peak is that of this one fit.
  const used = process.resourceUsage().maxRSS * 1024 - resident;
  const figures: Figure[] = [
    {
      name: 'two independent fits at once against one: throughput, what this machine allows',
      value: await machineScaling(short ? 100_000 : 300_000),
      unit: '×',
    },
    ...compareThreads(short ? simulatedTable(300_000) : table, short ? 2 : 5),
    {
      name: 'memory of training beyond 200 MB',
      value: Math.max(0, used - 200e6) / rows,
      unit: 'bytes a row',
      target: { atMost: 130 },
    },
  ];
  if (python === null) return figures;
  figures.push(
    ...compare(
      'simulated',
      python,
      table,
      [
        { loss: squared, atLeast: 1.3 },
        { loss: { kind: 'pinball', quantile: 0.9 }, atLeast: 1.3 },
        { loss: { kind: 'poisson' }, atLeast: 1.1 },
        { loss: { kind: 'tweedie', power: 1.3 }, atLeast: 1.1 },
        { loss: squared, atLeast: 0.5, plain: true },
      ],
      repetitions,
    ),
    ...comparePrediction(python),
  );
  if (data !== null) {
    const store = storeTable(data, short ? 100_000 : 500_000);
    figures.push(
      ...compare(
        'store with gaps and categories',
        python,
        store,
        [
          { loss: squared, atLeast: 1 },
          { loss: { kind: 'tweedie', power: 1.1 }, atLeast: 1 },
        ],
        repetitions,
        short ? [] : [200_000, 300_000, 400_000, 600_000].map((rows) => () => storeTable(data, rows)),
      ),
    );
  }
  return figures;
}

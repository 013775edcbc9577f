import { beforeAll, describe, expect, it } from '@jest/globals';
import type { TrainingInput, TrainingOutput } from '../../src/forecasts/training/thread-types.ts';
import { PanelBuilder } from '../../src/forecasts/training/panel-builder.ts';
import { runInThread } from '../../src/platform/threads/index.ts';
import { generateSample } from '../../src/sample/index.ts';

/**
 * Asks whether the engine finds what the generator planted. The sample is longer than what the engine sees, so that the
 * truth about the days it forecasts is known.
 */
const SEEN_DAYS = 420;
const HORIZON = 28;
const DAY_MS = 86_400_000;

const sample = generateSample({ seed: 5, days: SEEN_DAYS + HORIZON, products: 16, locations: 3 });
const products = sample.products.length;
const locations = sample.locations.length;
const startPeriod = Date.parse(sample.dates[0]) / DAY_MS;
const at = (product: number, location: number, day: number) =>
  (location * products + product) * sample.dates.length + day;

/** Two products of which every other day or so only a third could be sold, for want of stock. */
const SCARCE = [0, 12];
const isScarceDay = (day: number) => (day * 7) % 16 < 7;

/** What a shop wrote down about a day; `onHand` is NaN where it does not count its stock. */
interface Row {
  readonly sold: number;
  readonly onHand: number;
}

const asSold = (cell: number): Row => ({ sold: sample.quantitySold[cell], onHand: sample.onHand[cell] });
const scarce = (cell: number, product: number, day: number): Row =>
  SCARCE.includes(product) && isScarceDay(day)
    ? { sold: Math.floor(sample.truth.unconstrainedDemand[cell] / 3), onHand: 0 }
    : asSold(cell);

function train(row: (cell: number, product: number, day: number) => Row): Promise<TrainingOutput> {
  const categories = [...new Set(sample.products.map(({ category }) => category))];
  const builder = new PanelBuilder(startPeriod, startPeriod + SEEN_DAYS - 1);
  for (let p = 0; p < products; p++) {
    const category = categories.indexOf(sample.products[p].category);
    for (let l = 0; l < locations; l++) {
      const series = l * products + p;
      for (let day = sample.firstDay[series]; day < Math.min(sample.endDay[series], SEEN_DAYS); day++) {
        const { sold, onHand } = row(at(p, l, day), p, day);
        const market = p * sample.dates.length + day;
        builder.add(p, l, category, startPeriod + day, sold, sample.price[market], sample.promotion[market], onHand);
      }
    }
  }
  const panel = builder.build();
  if (!panel) throw new Error('The sample has no rows');
  const input: TrainingInput = {
    panel,
    events: sample.events.map(({ name, date }) => ({ name, day: Date.parse(date) / DAY_MS })),
    options: { seed: 1, horizon: HORIZON, budget: 'quick' },
  };
  // The build's thread, since the engine is an order of magnitude slower inside a test's sandbox.
  const thread = new URL('../../dist/src/forecasts/training/training.thread.js', import.meta.url);
  return runInThread<TrainingInput, TrainingOutput>(thread, input);
}

/** Sums `value` over the cells of a product at all places on the days `from`..`to` - 1. */
function total(value: (cell: number, day: number) => number, product: number, from: number, to: number): number {
  let sum = 0;
  for (let l = 0; l < locations; l++) for (let d = from; d < to; d++) sum += value(at(product, l, d), d);
  return sum;
}

describe('the engine on the simulated sample', () => {
  let training: TrainingOutput;
  beforeAll(async () => {
    training = await train(asSold);
  });

  it('is nearer to the planted mean than to the last week repeated', () => {
    const { evaluation, holdOut } = training;
    if (!evaluation || !holdOut) throw new Error('Nothing was held out');
    const { seriesIndices, startPeriod: first, horizon } = holdOut.forecast;
    let missed = 0;
    let sold = 0;
    seriesIndices.forEach((series, row) => {
      const [product, location] = [Math.floor(series / locations), series % locations];
      for (let h = 0; h < horizon; h++) {
        const actual = holdOut.actual[row * horizon + h];
        if (Number.isNaN(actual)) continue;
        missed += Math.abs(actual - sample.truth.expectedDemand[at(product, location, first - startPeriod + h)]);
        sold += actual;
      }
    });
    const planted = missed / sold;
    const engine = evaluation.ensemble.wape as number;
    const naive = evaluation.seasonalNaiveWape as number;
    // What was planted is the best anybody can do: an engine that beat it would have seen the days it forecasts.
    expect(planted).toBeLessThan(engine);
    expect(engine - planted).toBeLessThan(naive - engine);
  });

  it('covers eight in ten days with its interval from P10 to P90', () => {
    const coverage = training.evaluation?.ensemble.coverage as number;
    expect(coverage).toBeGreaterThan(0.7);
    expect(coverage).toBeLessThan(0.9);
  });

  it('expects more of each product on its strongest weekday than on its weakest, as planted', () => {
    const { mean, products: codes } = training.forecast.productTotals;
    const wrong: string[] = [];
    codes.forEach((product, row) => {
      const factors = sample.truth.weekdayFactors[sample.products[product].category];
      const onWeekday = (factor: number) => {
        let sum = 0;
        for (let h = 0; h < HORIZON; h++)
          // 1970-01-01 was a Thursday; Monday is 0.
          if (factors[(startPeriod + SEEN_DAYS + h + 3) % 7] === factor) sum += mean[row * HORIZON + h];
        return sum / factors.filter((each) => each === factor).length;
      };
      const [strong, weak] = [onWeekday(Math.max(...factors)), onWeekday(Math.min(...factors))];
      // Half of the planted contrast at least: noise alone would not make it.
      const contrast = Math.max(...factors) / Math.min(...factors) - 1;
      if (!(strong / weak - 1 > contrast / 2)) wrong.push(sample.products[product].name);
    });
    expect(codes).toHaveLength(products);
    expect(wrong).toEqual([]);
  });
});

describe('the engine on products that keep running out', () => {
  /** Forecast, unconstrained demand and the demand that could have been sold, all over the days ahead. */
  function outlook({ forecast: { productTotals: totals } }: TrainingOutput, product: number) {
    const row = totals.products.indexOf(product);
    const { expectedDemand, unconstrainedDemand } = sample.truth;
    const demand = total((cell) => expectedDemand[cell], product, SEEN_DAYS, SEEN_DAYS + HORIZON);
    const asked = total((cell) => unconstrainedDemand[cell], product, 0, SEEN_DAYS);
    const served = total((cell, day) => scarce(cell, product, day).sold, product, 0, SEEN_DAYS);
    let forecast = 0;
    for (let h = 0; h < HORIZON; h++) forecast += totals.mean[row * HORIZON + h];
    return { forecast, demand, cut: (demand * served) / asked };
  }

  it('forecasts what is asked for and not what there was to sell', async () => {
    const training = await train(scarce);
    for (const product of SCARCE) {
      const { forecast, demand, cut } = outlook(training, product);
      expect(cut / demand).toBeLessThan(0.8);
      expect(Math.abs(forecast - demand)).toBeLessThan(Math.abs(forecast - cut));
    }
  });

  it('knows by the stock alone: from the same sales without it, the forecast is what there was to sell', async () => {
    const training = await train((cell, product, day) => ({ ...scarce(cell, product, day), onHand: NaN }));
    for (const product of SCARCE) {
      const { forecast, demand, cut } = outlook(training, product);
      expect(Math.abs(forecast - cut)).toBeLessThan(Math.abs(forecast - demand));
    }
  });
});

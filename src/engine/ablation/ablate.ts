import { actualsAfter, planAfter } from '../backtest/fold.ts';
import { SEGMENTS } from '../ensemble/segments.ts';
import { InvalidInputError } from '../errors.ts';
import type { Estimate } from '../metrics/index.ts';
import { resolveOptions } from '../pipeline/settings.ts';
import { trainForecaster } from '../pipeline/train.ts';
import type { Forecast, TrainHooks, TrainOptions } from '../pipeline/types.ts';
import { checkPanel } from '../series/check.ts';
import { groupBy } from '../series/groups.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { addRound, lossWithout, newOutcomes, scoreOf, type AblationScore, type Outcomes } from './outcomes.ts';
import { ablationRounds } from './rounds.ts';
import { sampleSeries, selectSeries } from './sample-series.ts';
import { hasSignals, withoutSignals, type SignalData, type SignalGroup } from './signal-group.ts';

/** How an ablation is made; what is left out takes the default named beside it. */
export interface AblationOptions extends Pick<
  TrainOptions,
  'seed' | 'horizon' | 'known' | 'budget' | 'maxTrainingRows' | 'threads'
> {
  /** Series that are compared at most, drawn evenly over demand classes and sizes (300). */
  readonly series?: number;
  /** Origins at which the models are compared, spread over the last year (6). */
  readonly rounds?: number;
}

/** What the comparison says, at 5 %. */
export type SignalVerdict = 'gains' | 'no_measurable_gain' | 'harms';

/** The model with all signals beside the one without a group, on the same days of some series. */
export interface SignalComparison {
  /** Demand class of the series at the origin; null for all of them. */
  readonly segment: string | null;
  readonly series: number;
  readonly whole: AblationScore;
  readonly without: AblationScore;
  /** WAPE without less WAPE with the group: above 0 where it gains. Null where nothing was sold. */
  readonly gain: Estimate | null;
  /** The same of the weighted quantile loss. */
  readonly quantileGain: Estimate | null;
  readonly verdict: SignalVerdict;
}

/** What one group of signals is worth. */
export interface SignalGain {
  readonly group: string;
  /** Null where the panel holds nothing of it. */
  readonly overall: SignalComparison | null;
  readonly bySegment: readonly SignalComparison[];
}

/** What each group of signals is worth on a panel. */
export interface Ablation {
  /** Indices of the series that were compared. */
  readonly series: Int32Array;
  readonly horizon: number;
  /** Periods visible at each origin. */
  readonly origins: readonly number[];
  /** In the order asked for. */
  readonly groups: readonly SignalGain[];
}

const SERIES = 300;
const ROUNDS = 6;
/** Fewer products than this say little about others; then series are drawn by themselves. */
const FEWEST_PRODUCTS = 10;
/** Below so many rounds or clusters an interval says too little for a verdict. */
const FEWEST_ROUNDS = 3;
const FEWEST_CLUSTERS = 5;

/**
 * Measures what each group of signals gains: at origins spread over the last year a model is trained with everything and one
 * without each group in turn, by the same seed, and all forecast the same days. A seed for each origin, so that the interval
 * holds the luck of a fit beside that of products and seasons.
 *
 * Everything but the signals named is left as it is. Signals that tell the same gain nothing each, since the other is still
 * there; values of the past are those finally measured, which flatters weather a little. The same input gives the same bits,
 * for any number of threads.
 * @throws InvalidInputError naming the argument, CancelledError
 */
export function ablateSignals(
  panel: Panel,
  events: readonly CalendarEvent[],
  groups: readonly SignalGroup[],
  options: AblationOptions = {},
  hooks: Pick<TrainHooks, 'onProgress' | 'isCancelled'> = {},
): Ablation {
  checkPanel(panel);
  const { series: most = SERIES, rounds: wanted = ROUNDS, ...training } = { budget: 'quick' as const, ...options };
  for (const [name, value] of Object.entries({ series: most, rounds: wanted }))
    if (!Number.isInteger(value) || value < 1)
      throw new InvalidInputError(`${name} is ${value}, expected a whole number of at least 1`);
  const frequency = panel.frequency ?? 'daily';
  const { horizon: asked, seed } = resolveOptions(training, frequency);
  const { horizon, origins } = ablationRounds(panel.periodCount, frequency, { horizon: asked, rounds: wanted });
  const series = sampleSeries(panel, most, seed);
  const whole: SignalData = { panel: selectSeries(panel, series), events };
  const present = groups.filter((group) => hasSignals(whole, group));
  const variants = [
    { data: whole, message: 'Forecasting with all signals' },
    ...present.map((group) => ({
      data: withoutSignals(whole, group),
      message: `Forecasting without ${group.name}`,
    })),
  ];
  const outcomes = variants.map(() => newOutcomes(series.length, origins.length));
  const segmentAt = new Uint8Array(series.length * origins.length);
  const total = variants.length * origins.length;
  origins.forEach((origin, round) => {
    const actual = actualsAfter(whole.panel, origin, horizon);
    variants.forEach(({ data, message }, variant) => {
      const done = round * variants.length + variant;
      const forecast = forecastAt(
        data,
        origin,
        { ...training, horizon, seed: seed + round },
        {
          isCancelled: hooks.isCancelled,
          onProgress: (percent) => hooks.onProgress?.(Math.floor((100 * done + percent) / total), message),
        },
      );
      addRound(outcomes[variant], round, forecast, actual);
      if (variant === 0) forecast.segment.forEach((code, s) => (segmentAt[s * origins.length + round] = code));
    });
  });
  hooks.onProgress?.(100, 'Done');
  const clusterOf = clustersOf(whole.panel);
  return {
    series,
    horizon,
    origins,
    groups: groups.map((group) => {
      const without = outcomes[1 + present.indexOf(group)];
      const isMeasured = present.includes(group);
      const part = (segment: string | null, isPart: (at: number) => boolean) =>
        compare({ whole: outcomes[0], without }, clusterOf, segment, isPart);
      return {
        group: group.name,
        overall: isMeasured ? part(null, () => true) : null,
        bySegment: (isMeasured ? SEGMENTS : [])
          .map((segment, code) => part(segment, (at) => segmentAt[at] === code))
          .filter((comparison) => comparison.series > 0),
      };
    }),
  };
}

/** Forecasts the days after an origin by a model that has seen nothing of them but what is planned. */
function forecastAt(
  { panel, events }: SignalData,
  origin: number,
  options: TrainOptions & { readonly horizon: number },
  hooks: TrainHooks,
): Forecast {
  const future = planAfter(panel, origin, options.horizon);
  return trainForecaster(truncatePanel(panel, origin), events, { ...options, future, holdOutPeriods: 0 }, hooks)
    .forecast;
}

/** Days and places of a product resemble each other; of few products the series are the clusters. */
function clustersOf({ product, seriesCount }: Panel): Int32Array {
  const products = groupBy(product);
  return products.count >= FEWEST_PRODUCTS ? products.groupOf : Int32Array.from({ length: seriesCount }, (_, s) => s);
}

function compare(
  pair: { readonly whole: Outcomes; readonly without: Outcomes },
  clusterOf: Int32Array,
  segment: string | null,
  isPart: (at: number) => boolean,
): SignalComparison {
  const { rounds, count } = pair.whole;
  const series = new Set<number>();
  const clusters = new Set<number>();
  const seen = new Set<number>();
  count.forEach((days, at) => {
    if (days === 0 || !isPart(at)) return;
    const s = Math.floor(at / rounds);
    series.add(s);
    clusters.add(clusterOf[s]);
    seen.add(at % rounds);
  });
  const gain = lossWithout('absolute', pair, clusterOf, isPart);
  const tells = seen.size >= FEWEST_ROUNDS && clusters.size >= FEWEST_CLUSTERS;
  return {
    segment,
    series: series.size,
    whole: scoreOf(pair.whole, isPart),
    without: scoreOf(pair.without, isPart),
    gain,
    quantileGain: lossWithout('pinball', pair, clusterOf, isPart),
    verdict: tells ? verdictOf(gain) : 'no_measurable_gain',
  };
}

function verdictOf(gain: Estimate | null): SignalVerdict {
  if (gain !== null && gain.low > 0) return 'gains';
  return gain !== null && gain.high < 0 ? 'harms' : 'no_measurable_gain';
}

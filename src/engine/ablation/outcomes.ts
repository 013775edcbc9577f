import { crossedRatioWithInterval, pinballLoss, type Estimate, type Measure } from '../metrics/index.ts';
import type { Forecast } from '../pipeline/types.ts';

/** Sums over the days of each series in each round, `[series * rounds]`. */
export interface Outcomes {
  readonly rounds: number;
  readonly count: Float64Array;
  readonly units: Float64Array;
  readonly absolute: Float64Array;
  readonly surplus: Float64Array;
  /** Pinball losses of all levels. */
  readonly pinball: Float64Array;
  /** Days within P10..P90. */
  readonly inside: Float64Array;
}

/** How the forecasts of some series did. Null where nothing was sold. */
export interface AblationScore {
  readonly wape: Measure;
  /** Above 0: too much was forecast. */
  readonly bias: Measure;
  /** Mean weighted quantile loss over the levels, an approximation of the CRPS in units of sales. */
  readonly wql: Measure;
  /** Share of the actuals inside P10..P90, nominally 0.8. */
  readonly coverage: Measure;
}

/** Empty sums. */
export function newOutcomes(series: number, rounds: number): Outcomes {
  const sums = () => new Float64Array(series * rounds);
  return {
    rounds,
    count: sums(),
    units: sums(),
    absolute: sums(),
    surplus: sums(),
    pinball: sums(),
    inside: sums(),
  };
}

/** Enters what a forecast of all series was worth in a round. @param actual units, NaN where they say nothing */
export function addRound(outcomes: Outcomes, round: number, forecast: Forecast, actual: Float32Array): void {
  const { horizon, mean, quantiles, levels } = forecast;
  const low = quantiles[levels.indexOf(0.1)];
  const high = quantiles[levels.indexOf(0.9)];
  for (let i = 0; i < actual.length; i++) {
    const y = actual[i];
    if (Number.isNaN(y)) continue;
    const at = Math.floor(i / horizon) * outcomes.rounds + round;
    outcomes.count[at]++;
    outcomes.units[at] += y;
    outcomes.absolute[at] += Math.abs(y - mean[i]);
    outcomes.surplus[at] += mean[i] - y;
    let loss = 0;
    for (let q = 0; q < levels.length; q++) loss += pinballLoss(y, quantiles[q][i], levels[q]);
    outcomes.pinball[at] += (2 * loss) / levels.length;
    if (y >= low[i] && y <= high[i]) outcomes.inside[at]++;
  }
}

/** The measures over some entries of the sums. */
export function scoreOf(outcomes: Outcomes, isPart: (at: number) => boolean): AblationScore {
  const total = (values: Float64Array) => values.reduce((sum, value, at) => (isPart(at) ? sum + value : sum), 0);
  const units = total(outcomes.units);
  const count = total(outcomes.count);
  const ofUnits = (values: Float64Array): Measure => (units > 0 ? total(values) / units : null);
  return {
    wape: ofUnits(outcomes.absolute),
    bias: ofUnits(outcomes.surplus),
    wql: ofUnits(outcomes.pinball),
    coverage: count > 0 ? total(outcomes.inside) / count : null,
  };
}

/**
 * How much more is lost without than with, over the units sold, with its interval over clusters of series and rounds.
 * @param clusterOf of each series, from 0
 */
export function lossWithout(
  loss: 'absolute' | 'pinball',
  { whole, without }: { readonly whole: Outcomes; readonly without: Outcomes },
  clusterOf: Int32Array,
  isPart: (at: number) => boolean,
): Estimate | null {
  const { rounds } = whole;
  const used = new Map<number, number>();
  for (let at = 0; at < whole.units.length; at++) {
    const cluster = clusterOf[Math.floor(at / rounds)];
    if (isPart(at) && whole.count[at] > 0 && !used.has(cluster)) used.set(cluster, used.size);
  }
  const differences = new Float64Array(used.size * rounds);
  const units = new Float64Array(used.size * rounds);
  for (let at = 0; at < whole.units.length; at++) {
    const row = used.get(clusterOf[Math.floor(at / rounds)]);
    if (row === undefined || !isPart(at)) continue;
    const cell = row * rounds + (at % rounds);
    differences[cell] += without[loss][at] - whole[loss][at];
    units[cell] += whole.units[at];
  }
  return crossedRatioWithInterval(differences, units, rounds);
}

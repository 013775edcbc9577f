import type { EtsModel } from './select.ts';

const { sqrt } = Math;

/** Errors further back than so many periods add next to nothing to the spread that is not already there. */
const LONGEST_MEMORY = 400;

/** Point forecasts of the periods after the history, not yet bounded. */
export function predictMean(model: EtsModel, horizon: number): Float64Array {
  const { state, smoothing, season, seasonal, periods } = model;
  const mean = new Float64Array(horizon);
  let level = state[0];
  let slope = state[1];
  for (let h = 0; h < horizon; h++) {
    slope *= smoothing.damping;
    level += slope;
    const phase = 2 + ((periods + h) % season);
    mean[h] = seasonal === 'none' ? level : seasonal === 'additive' ? level + state[phase] : level * state[phase];
  }
  return mean;
}

/**
 * Standard deviations of the forecasts: var(h) = σ²(h) + Σ c(j)² σ²(h − j), where c(j) = α + β(φ + … + φʲ) + γ·[season
 * divides j] is what an error j periods back adds. Multiplicative seasons scale each effect by the ratio of the two
 * periods' factors; multiplicative errors have σ(h) = σ·forecast. Exact for additive forms (Hyndman et al. 2008,
 * table 6.1), of first order for the others.
 */
export function predictSpread(model: EtsModel, mean: Float64Array): Float64Array {
  const { state, smoothing, season, seasonal, periods, error, sigma } = model;
  const horizon = mean.length;
  const effect = new Float64Array(horizon + 1);
  let reach = 0;
  let power = 1;
  for (let j = 1; j <= horizon; j++) {
    power *= smoothing.damping;
    reach += smoothing.slope * power;
    effect[j] = smoothing.level + reach + (seasonal !== 'none' && j % season === 0 ? smoothing.season : 0);
  }
  const sd = new Float64Array(horizon);
  if (error === 'additive' && seasonal !== 'multiplicative') {
    let variance = 1;
    for (let h = 0; h < horizon; h++) {
      sd[h] = sigma * sqrt(variance);
      variance += effect[h + 1] * effect[h + 1];
    }
    return sd;
  }
  const factor = (h: number) => (seasonal === 'multiplicative' ? state[2 + ((periods + h) % season)] : 1);
  const own = mean.map((value) => (error === 'additive' ? sigma : sigma * (value > 0 ? value : 0)));
  const perFactor = own.map((value, h) => (value / factor(h)) ** 2);
  for (let h = 0; h < horizon; h++) {
    let variance = 0;
    for (let j = 1; j <= h && j <= LONGEST_MEMORY; j++) variance += effect[j] * effect[j] * perFactor[h - j];
    sd[h] = sqrt(own[h] * own[h] + variance * factor(h) * factor(h));
  }
  return sd;
}

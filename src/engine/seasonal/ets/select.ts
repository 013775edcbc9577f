import type { History } from '../history.ts';
import { seasonShape, type SeasonShape } from '../season-shape.ts';
import { akaike, BUDGET, fitForm, parameterCount, type EtsCandidate, type TrendForm } from './fit.ts';
import { relativeFit, smooth, type SeasonForm, type Smoothing, type State } from './recursion.ts';

const { max, sqrt } = Math;

/** A fitted model at the end of its history. */
export interface EtsModel {
  readonly error: 'additive' | 'multiplicative';
  readonly trend: TrendForm;
  readonly seasonal: SeasonForm;
  readonly season: number;
  readonly smoothing: Smoothing;
  /** Level, slope and the season's phases after the last period; the phase of period t is `t % season`. */
  readonly state: State;
  /** Standard deviation of the one-step errors: units, or share of the forecast for multiplicative errors. */
  readonly sigma: number;
  readonly aicc: number;
  /** Length of the history. */
  readonly periods: number;
}

/** Strength of a season below which no seasonal form is tried, and above which only seasonal ones are. */
const NO_SEASON = 1;
const SURE_SEASON = 6;
/** How near a damped trend has to come to the fit without one to be pursued. */
const NEARLY = 0.999;

/**
 * Chooses and fits an exponential smoothing model by the corrected Akaike criterion: first the season (none, additive,
 * multiplicative), then the trend (none, damped, additive), then the error (additive, or multiplicative where all
 * demand is positive). The greedy order costs a fraction of fitting all forms and rarely ends elsewhere.
 * @param season length in periods, 1 = none; the history should hold two cycles of it
 */
export function fitEts(history: History, season: number): EtsModel {
  const additive = season > 1 ? seasonShape(history, season, 'additive') : null;
  const strength = additive?.strength ?? 0;
  const shapes: (SeasonShape | null)[] = [];
  if (strength < SURE_SEASON) shapes.push(null);
  if (additive && strength > NO_SEASON) shapes.push(additive, seasonShape(history, season, 'multiplicative'));
  let best: EtsCandidate | null = null;
  let bestShape: SeasonShape | null = null;
  for (const shape of shapes) {
    const like: Smoothing | null = shape?.kind === 'multiplicative' && best ? best.smoothing : null;
    const found = fitForm(history, shape, 'none', like, like ? BUDGET.refine : BUDGET.level, Infinity);
    if (best !== null && best.aicc <= found.aicc) continue;
    best = found;
    bestShape = shape;
  }
  best ??= fitForm(history, null, 'none', null, BUDGET.level, Infinity);
  const level = best;
  // A trend whose damped form does not even reach the squares of the level alone is given up early.
  const damped = fitForm(history, bestShape, 'damped', level.smoothing, BUDGET.trend, level.squares * NEARLY);
  if (damped.aicc < best.aicc) best = damped;
  if (damped.squares < level.squares * NEARLY) {
    const line = fitForm(history, bestShape, 'additive', damped.smoothing, BUDGET.refine, Infinity);
    if (line.aicc < best.aicc) best = line;
  }
  return concluded(history, best, bestShape);
}

function concluded(history: History, candidate: EtsCandidate, shape: SeasonShape | null): EtsModel {
  const { demand, count, mean, least } = history;
  const { trend, seasonal, smoothing, initial, squares } = candidate;
  const season = shape?.season ?? 1;
  const parameters = parameterCount(trend, seasonal, season);
  const fitted = new Float64Array(demand.length);
  const state = initial.slice();
  smooth(demand, season, seasonal, smoothing, state, mean, Infinity, fitted);
  const base = { trend, seasonal, season, smoothing, state, periods: demand.length };
  const free = max(1, count - parameters + 1);
  const relative = least > 0 ? relativeFit(demand, fitted) : null;
  if (relative !== null) {
    const aicc = akaike(relative.squares, count, parameters) + 2 * relative.logs;
    if (aicc < candidate.aicc) return { ...base, error: 'multiplicative', sigma: sqrt(relative.squares / free), aicc };
  }
  return { ...base, error: 'additive', sigma: sqrt(squares / free), aicc: candidate.aicc };
}

/** Name in the usual notation, such as `ETS(A,Ad,M)`. */
export function etsName({ error, trend, seasonal }: EtsModel): string {
  const letter = { none: 'N', additive: 'A', damped: 'Ad', multiplicative: 'M' };
  return `ETS(${letter[error]},${letter[trend]},${letter[seasonal]})`;
}

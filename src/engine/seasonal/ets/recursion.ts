const { log, max } = Math;

/** How the season enters. */
export type SeasonForm = 'none' | 'additive' | 'multiplicative';

/**
 * Smoothing parameters: of level, slope and season (of the error itself, so slope ≤ level and season ≤ 1 − level keep
 * the recursion stable), and the damping of the slope. No trend: slope 0 and damping 0.
 */
export interface Smoothing {
  level: number;
  slope: number;
  season: number;
  damping: number;
}

/** State before or after a pass: level, slope, then one entry per phase, phase 0 being that of the first period. */
export type State = Float64Array;

/** The least level and season factor, relative to the history's mean, that a multiplicative form divides by. */
const LEAST_LEVEL = 0.01;
const LEAST_FACTOR = 0.05;

/**
 * One pass of exponential smoothing in error-correction form; gaps move the level along its slope and correct nothing.
 * Source: Hyndman, Koehler, Ord & Snyder, "Forecasting with Exponential Smoothing" (2008), table 2.1; seasonal factors
 * are corrected by error over level. The pass breaks off with Infinity once it is worse than `limit`.
 * @param state starts as the initial state and ends as the final one
 * @param scale mean of the history, for the least level of multiplicative forms
 * @param fitted receives the one-step forecasts, if given
 * @returns sum of squared one-step errors
 */
export function smooth(
  demand: Float64Array,
  season: number,
  form: SeasonForm,
  { level: alpha, slope: beta, season: gamma, damping }: Smoothing,
  state: State,
  scale: number,
  limit: number,
  fitted: Float64Array | null = null,
): number {
  const n = demand.length;
  let level = state[0];
  let slope = state[1];
  let squares = 0;
  if (form === 'none') {
    for (let t = 0; t < n && squares <= limit; t++) {
      slope *= damping;
      level += slope;
      if (fitted !== null) fitted[t] = level;
      const error = demand[t] - level;
      if (error !== error) continue;
      squares += error * error;
      level += alpha * error;
      slope += beta * error;
    }
  } else if (form === 'additive') {
    for (let t = 0, at = 2; t < n && squares <= limit; t++) {
      slope *= damping;
      level += slope;
      if (fitted !== null) fitted[t] = level + state[at];
      const error = demand[t] - level - state[at];
      if (error === error) {
        squares += error * error;
        level += alpha * error;
        slope += beta * error;
        state[at] += gamma * error;
      }
      if (++at === season + 2) at = 2;
    }
  } else {
    const least = LEAST_LEVEL * scale;
    for (let t = 0, at = 2; t < n && squares <= limit; t++) {
      slope *= damping;
      level = max(level + slope, least);
      const factor = state[at];
      if (fitted !== null) fitted[t] = level * factor;
      const error = demand[t] - level * factor;
      if (error === error) {
        squares += error * error;
        // One division instead of two: it is the longest step of the chain.
        const share = error / (level * factor);
        const adjusted = share * level;
        level = max(level + alpha * adjusted, least);
        slope += beta * adjusted;
        state[at] = max(factor + gamma * share * factor, LEAST_FACTOR);
      }
      if (++at === season + 2) at = 2;
    }
  }
  state[0] = level;
  state[1] = slope;
  return squares <= limit ? squares : Infinity;
}

/**
 * Criteria of the same pass under errors proportional to the forecast: sum of squared relative errors and sum of the
 * logarithms of the forecasts. Null where a forecast is not positive.
 */
export function relativeFit(demand: Float64Array, fitted: Float64Array): { squares: number; logs: number } | null {
  let squares = 0;
  let logs = 0;
  for (let t = 0; t < demand.length; t++) {
    if (demand[t] !== demand[t]) continue;
    if (!(fitted[t] > 0)) return null;
    const relative = (demand[t] - fitted[t]) / fitted[t];
    squares += relative * relative;
    logs += log(fitted[t]);
  }
  return { squares, logs };
}

/** Numbers by position; plain arrays and typed arrays alike. */
export type Numbers = ArrayLike<number>;

/** A ratio, or null where it is undefined (no observation, or nothing to divide by). */
export type Measure = number | null;

function ratio(numerator: number, denominator: number): Measure {
  const value = numerator / denominator;
  return denominator !== 0 && Number.isFinite(value) ? value : null;
}

function sumOver(length: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += term(i);
  return sum;
}

/** Mean absolute error, in units of the target. */
export function mae(actual: Numbers, forecast: Numbers): Measure {
  return ratio(
    sumOver(actual.length, (i) => Math.abs(actual[i] - forecast[i])),
    actual.length,
  );
}

/** Mean squared error. */
export function mse(actual: Numbers, forecast: Numbers): Measure {
  return ratio(
    sumOver(actual.length, (i) => (actual[i] - forecast[i]) ** 2),
    actual.length,
  );
}

/** Root mean squared error, in units of the target. */
export function rmse(actual: Numbers, forecast: Numbers): Measure {
  const value = mse(actual, forecast);
  return value === null ? null : Math.sqrt(value);
}

/** Share of the variance explained, 1 − Σe²/Σ(y−ȳ)²; null for a constant actual. Pool series before using it. */
export function r2(actual: Numbers, forecast: Numbers): Measure {
  const n = actual.length;
  const mean = sumOver(n, (i) => actual[i]) / n;
  const unexplained = ratio(
    sumOver(n, (i) => (actual[i] - forecast[i]) ** 2),
    sumOver(n, (i) => (actual[i] - mean) ** 2),
  );
  return unexplained === null ? null : 1 - unexplained;
}

/** Mean absolute percentage error over the non-zero actuals, and how many zero actuals it leaves out. */
export function mape(actual: Numbers, forecast: Numbers): { readonly percent: Measure; readonly excluded: number } {
  let sum = 0;
  let used = 0;
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] === 0) continue;
    sum += Math.abs((actual[i] - forecast[i]) / actual[i]);
    used++;
  }
  return { percent: ratio(100 * sum, used), excluded: actual.length - used };
}

/** Weighted absolute percentage error Σ|e|/Σ|y| as a share; null when nothing was sold. Equals wQL(0.5). */
export function wape(actual: Numbers, forecast: Numbers): Measure {
  const n = actual.length;
  return ratio(
    sumOver(n, (i) => Math.abs(actual[i] - forecast[i])),
    sumOver(n, (i) => Math.abs(actual[i])),
  );
}

/** Symmetric MAPE on the 0–200 scale; a term with both values zero counts as 0. */
export function smape(actual: Numbers, forecast: Numbers): Measure {
  const n = actual.length;
  const sum = sumOver(n, (i) => {
    const size = Math.abs(actual[i]) + Math.abs(forecast[i]);
    return size === 0 ? 0 : Math.abs(actual[i] - forecast[i]) / size;
  });
  return ratio(200 * sum, n);
}

/** Mean absolute m-step difference of a history: what a seasonal naive forecast gets wrong in sample. */
export function seasonalNaiveError(insample: Numbers, season: number): Measure {
  const pairs = insample.length - season;
  if (pairs < 1) return null;
  return ratio(
    sumOver(pairs, (i) => Math.abs(insample[i + season] - insample[i])),
    pairs,
  );
}

/** Mean absolute scaled error (Hyndman & Koehler 2006) for a season of `season` periods. */
export function mase(actual: Numbers, forecast: Numbers, insample: Numbers, season: number): Measure {
  const error = mae(actual, forecast);
  const scale = seasonalNaiveError(insample, season);
  return error === null || scale === null ? null : ratio(error, scale);
}

/** Mean squared one-step difference from the first non-zero sale on, as the M5 competition scales with. */
export function naiveSquaredError(insample: Numbers): Measure {
  let start = 0;
  while (start < insample.length && insample[start] === 0) start++;
  const pairs = insample.length - start - 1;
  if (pairs < 1) return null;
  return ratio(
    sumOver(pairs, (i) => (insample[start + i + 1] - insample[start + i]) ** 2),
    pairs,
  );
}

/** Root mean squared scaled error of the M5 competition. */
export function rmsse(actual: Numbers, forecast: Numbers, insample: Numbers): Measure {
  const error = mse(actual, forecast);
  const scale = naiveSquaredError(insample);
  const scaled = error === null || scale === null ? null : ratio(error, scale);
  return scaled === null ? null : Math.sqrt(scaled);
}

/** Σ wᵢ·valueᵢ with the weights scaled to 1, as in WRMSSE and WSPL; null values drop out with their weight. */
export function weightedScore(values: readonly Measure[], weights: Numbers): Measure {
  let sum = 0;
  let total = 0;
  values.forEach((value, i) => {
    if (value === null) return;
    sum += weights[i] * value;
    total += weights[i];
  });
  return ratio(sum, total);
}

/** Relative bias (Σf − Σy)/Σy: above 0 when too much was forecast. */
export function bias(actual: Numbers, forecast: Numbers): Measure {
  const n = actual.length;
  return ratio(
    sumOver(n, (i) => forecast[i] - actual[i]),
    sumOver(n, (i) => actual[i]),
  );
}

/** Σ(y−f)/MAD; outside ±4 the forecast runs away from the actuals. */
export function trackingSignal(actual: Numbers, forecast: Numbers): Measure {
  const deviation = mae(actual, forecast);
  if (deviation === null) return null;
  return ratio(
    sumOver(actual.length, (i) => actual[i] - forecast[i]),
    deviation,
  );
}

/**
 * Trigg's smoothed tracking signal after the last period: exponentially smoothed error y − f over the smoothed absolute
 * error, −1..1, from the errors in order of time. At `smoothing` 0.1, beyond ±0.51 is a run-away with 95 % confidence
 * (Trigg 1964). Null while every forecast was perfect.
 * @param smoothing weight of the newest error, above 0 and at most 1
 */
export function smoothedTrackingSignal(actual: Numbers, forecast: Numbers, smoothing = 0.1): Measure {
  let error = 0;
  let absolute = 0;
  for (let i = 0; i < actual.length; i++) {
    error += smoothing * (actual[i] - forecast[i] - error);
    absolute += smoothing * (Math.abs(actual[i] - forecast[i]) - absolute);
  }
  return ratio(error, absolute);
}

/**
 * Forecast value added: what a step of the process takes off an error measure, both taken over the same population.
 * Above 0 the step helps.
 */
export function forecastValueAdded(previousStep: Measure, thisStep: Measure): Measure {
  return previousStep === null || thisStep === null ? null : previousStep - thisStep;
}

import { initSync, MSTL } from '@bsull/augurs/mstl';
import { forecastEts, type EtsOptions } from './ets/forecast.ts';
import {
  forecastSimply,
  historyOf,
  writeBounded,
  type History,
  type LocalSeries,
  type SimpleMethod,
} from './history.ts';
import { seasonShape } from './season-shape.ts';

const { max } = Math;

/** Periods of history decomposed. */
const LONGEST = 1100;
/** Whole cycles a season must have been seen to be decomposed, and the fewest values at all. */
const FEWEST_CYCLES = 3;
const FEWEST = 24;
/** Share of gaps beyond which imputed values would outweigh observed ones. */
const MOST_GAPS = 0.4;

/**
 * Makes the MSTL model (multiple seasonal-trend decomposition by loess, the trend drawn on by exponential smoothing)
 * from the bytes of the package's WebAssembly module, because the library itself reads no files:
 * `readFileSync(createRequire(import.meta.url).resolve('@bsull/augurs/mstl').replace(/\.js$/, '_bg.wasm'))`. The module
 * is compiled by the first call of a thread; later calls reuse it.
 *
 * Gaps are imputed by trend and season, because the module traps on NaN. Where no season was seen three times, more
 * than 40 % are gaps, or the module gives up, the answer is that of `forecastEts`.
 */
export function mstlModel(wasm: Uint8Array) {
  initSync({ module: wasm });
  return function forecastMstl(
    series: LocalSeries,
    seasons: readonly number[],
    horizon: number,
    out: Float32Array,
    at: number,
    options: EtsOptions = {},
  ): 'mstl' | 'ets' | SimpleMethod {
    const history = historyOf(series, max(LONGEST, 6 * max(1, ...seasons)));
    const { sd } = options;
    const simple = forecastSimply(history, FEWEST, horizon, out, at, sd);
    if (simple) return simple;
    const n = history.demand.length;
    const fitting = [...new Set(seasons)].filter((m) => m > 1 && n >= FEWEST_CYCLES * m).sort((a, b) => a - b);
    const raw =
      fitting.length > 0 && history.count >= (1 - MOST_GAPS) * n ? decompose(history, fitting, horizon) : null;
    if (raw === null) return forecastEts(series, seasons, horizon, out, at, options);
    // The module's intervals leave out the season's uncertainty: the spreads are those of exponential smoothing.
    if (sd) forecastEts(series, seasons, horizon, out, at, options);
    writeBounded(history, raw, out, at);
    return 'mstl';
  };
}

/** Null where the module traps or finds no model. */
function decompose(history: History, seasons: readonly number[], horizon: number): Float64Array | null {
  // Scaled to a mean of 1: the module's criteria are not invariant to the unit.
  const demand = imputed(history, seasons[0]).map((value) => value / history.mean);
  try {
    const model = MSTL.ets(Uint32Array.from(seasons));
    try {
      model.fit(demand);
      const { point } = model.predict(horizon);
      return point.length === horizon && point.every(Number.isFinite)
        ? Float64Array.from(point, (value) => value * history.mean)
        : null;
    } finally {
      model.free();
    }
  } catch {
    return null;
  }
}

/** The demand with gaps filled by the line between their neighbours plus the season's units. */
function imputed(history: History, season: number): Float64Array {
  const { demand, count } = history;
  if (count === demand.length) return demand;
  const { index } = seasonShape(history, season, 'additive');
  const filled = demand.slice();
  const adjustedAt = (t: number) => demand[t] - index[t % season];
  let before = 0;
  for (let t = 1; t < demand.length; t++) {
    if (demand[t] === demand[t]) {
      before = t;
      continue;
    }
    let after = t + 1;
    while (after < demand.length && demand[after] !== demand[after]) after++;
    const left = adjustedAt(before);
    const right = after < demand.length ? adjustedAt(after) : left;
    for (let gap = t; gap < after; gap++) {
      const share = (gap - before) / (after - before);
      filled[gap] = max(0, left + share * (right - left) + index[gap % season]);
    }
    t = after - 1;
  }
  return filled;
}

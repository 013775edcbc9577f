import { explainForecast, FORECAST_DRIVERS, truncatePanel } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { categoryCodes } from '../training/category-codes.ts';
import { buffersOf } from '../training/thread-types.ts';
import type { ExplainedRun, ExplanationInput, ExplanationOutput } from './explanation-types.ts';

/** Takes one run's forecasts of a product apart. A place whose sales have since been taken back stays without. */
function explain({ panel, events, categories, product }: ExplanationInput, run: ExplainedRun): Float32Array {
  const { horizon, locations, means } = run;
  const seen = truncatePanel(panel, run.businessDay - panel.startPeriod + 1);
  const codes = categoryCodes(categories, run.categories);
  const category = seen.category.map((code) => codes.indexOf(categories[code]));
  const seriesOf = new Map<number, number>();
  seen.product.forEach((id, series) => {
    if (id === product) seriesOf.set(seen.location[series], series);
  });
  const rows = locations.flatMap((location, row) => (seriesOf.has(location) ? [row] : []));
  const width = horizon * FORECAST_DRIVERS.length;
  const out = new Float32Array(locations.length * width).fill(NaN);
  const { contributions } = explainForecast(run.model, { ...seen, category }, events, {
    seriesIndices: Int32Array.from(rows, (row) => seriesOf.get(locations[row]) as number),
    horizon,
    means: rows.flatMap((row) => [...means.subarray(row * horizon, (row + 1) * horizon)]),
  });
  rows.forEach((row, r) => out.set(contributions.subarray(r * width, (r + 1) * width), row * width));
  return out;
}

// Runs in a thread of its own: it reads the whole history and takes seconds of pure computing.
serveThread<ExplanationInput, ExplanationOutput>((input) => {
  const result = input.runs.map((run) => explain(input, run));
  return { result, transfer: buffersOf(result) };
});

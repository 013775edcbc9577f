import { trainingRows } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { buffersOf } from '../training/thread-types.ts';
import type { FeaturesInput, FeaturesResult } from './features-types.ts';

// Runs in a thread of its own: features of many rows take seconds of pure computing.
serveThread<FeaturesInput, FeaturesResult>(({ panel, events, options, series }) => {
  const wanted = new Set(series);
  const { product, location, startPeriod, periodCount } = panel;
  const rows = trainingRows(panel, events, options, periodCount, (s) => wanted.has(s));
  const result: FeaturesResult = {
    names: rows.names,
    columns: rows.columns,
    product: rows.series.map((s) => product[s]),
    location: rows.series.map((s) => location[s]),
    // The last day known to the forecast, and the day forecast.
    asOf: rows.origin.map((period) => startPeriod + period - 1),
    day: rows.target.map((period) => startPeriod + period),
    units: rows.units,
  };
  return { result, transfer: buffersOf(result) };
});

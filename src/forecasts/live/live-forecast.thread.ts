import { forecastWith } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { isSound } from '../training/forecast-rows.ts';
import { buffersOf, ForecastingInput } from '../training/thread-types.ts';
import { LiveTable, liveTable } from './live-table.ts';

// Runs in a thread of its own: forecasting takes seconds of pure computing, and the process goes on answering.
serveThread<ForecastingInput, LiveTable>(({ model, panel, events, options }, context) => {
  const forecast = forecastWith(model, panel, events, options, context);
  if (!isSound(forecast)) throw new Error('The model forecast a value that is negative or not a number');
  const result = liveTable(forecast, panel);
  return { result, transfer: buffersOf(result) };
});

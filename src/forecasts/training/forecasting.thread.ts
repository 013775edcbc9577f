import { forecastWith } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { buffersOf, ForecastingInput, ForecastingOutput } from './thread-types.ts';

// Runs in a thread of its own: forecasting a whole assortment takes many seconds of pure computing.
serveThread<ForecastingInput, ForecastingOutput>(({ model, panel, events, options }, context) => {
  const result = forecastWith(model, panel, events, options, context);
  return { result, transfer: buffersOf(result) };
});

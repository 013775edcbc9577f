import { forecastPart, type ForecastPart } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { buffersOf, ForecastingInput } from './thread-types.ts';

// Runs in a thread of its own: a part of an assortment takes seconds of pure computing.
serveThread<ForecastingInput, ForecastPart>(({ model, panel, events, options }, context) => {
  const result = forecastPart(model, panel, events, options, context);
  return { result, transfer: buffersOf(result) };
});

import { assembleParts } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { AssemblingInput, buffersOf, ForecastingOutput } from './thread-types.ts';

// Runs in a thread of its own: totals and quantiles of everything take seconds of pure computing.
serveThread<AssemblingInput, ForecastingOutput>(({ model, panel, events, parts, options }, context) => {
  const result = assembleParts(model, panel, events, parts, options, context);
  return { result, transfer: buffersOf(result) };
});

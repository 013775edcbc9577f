import { trainForecaster } from '../engine/index.ts';
import { serveThread } from '../platform/threads/index.ts';
import type { FitInput, FitOutput } from './fit-types.ts';

// Runs in a thread of its own, so that the progress bar moves and Ctrl-C is heard.
serveThread<FitInput, FitOutput>(({ panel, events, options }, context) => {
  const { forecast, evaluation, facts, weights, leaderboard } = trainForecaster(panel, events, options, context);
  return { result: { forecast, evaluation, facts, weights, leaderboard } };
});

import { trainForecaster, trainForecasterWithNetwork } from '../engine/index.ts';
import { serveThread } from '../platform/threads/index.ts';
import type { FitInput, FitOutput } from './fit-types.ts';

/** A network for a first look. */
const FIRST_LOOK = { hidden: 64, steps: 100, batch: 128, checkEvery: 25 };

// Runs in a thread of its own, so that the progress bar moves and Ctrl-C is heard.
serveThread<FitInput, FitOutput>(async ({ panel, events, options, network }, context) => {
  const { forecast, evaluation, facts, weights, leaderboard } = network
    ? await trainForecasterWithNetwork(panel, events, options, context, options.budget === 'quick' ? FIRST_LOOK : {})
    : trainForecaster(panel, events, options, context);
  return { result: { forecast, evaluation, facts, weights, leaderboard } };
});

import type { Forecast } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { buffersOf } from '../training/thread-types.ts';
import { weeklyTotals } from './weekly-totals.ts';

// Runs in a thread of its own: drawing the paths of a whole assortment takes many seconds of pure computing.
serveThread<Forecast, Forecast>((daily) => {
  const result = weeklyTotals(daily);
  return { result, transfer: buffersOf(result) };
});

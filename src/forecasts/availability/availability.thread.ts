import { serveThread } from '../../platform/threads/index.ts';
import { buffersOf } from '../training/thread-types.ts';
import type { AvailabilityInput, AvailabilityOutput } from './availability-types.ts';
import { unsoldDays } from './unsold-days.ts';

// Runs in a thread of its own: it goes through months of days of everything that is sold.
serveThread<AvailabilityInput, AvailabilityOutput>((input) => {
  const result = unsoldDays(input);
  return { result, transfer: buffersOf(result) };
});

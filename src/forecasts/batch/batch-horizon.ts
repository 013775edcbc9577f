import { dayOf } from '../../signals/index.ts';
import type { BatchInput } from './batch-workflow.ts';
import { daysToCover } from './weekly-totals.ts';

/** Days past a business date that a batch has to forecast: of weeks, up to the end of the last whole one. */
export function horizonOf({ grain, periods }: BatchInput, businessDate: string): number {
  return grain === 'week' ? daysToCover(dayOf(businessDate) + 1, periods) : periods;
}

import type { CalendarEvent, Panel } from '../../engine/index.ts';

/** So many days without a single price, and nobody tells prices any more. */
const PRICE_DAYS = 28;

/**
 * What a forecast from these data has to do without: `prices` where no sale of the last four weeks has one, `events` where
 * the calendar holds nothing past the last day of sales, for as far as it is looked up (a year), and the sources that had
 * nothing to say, such as `weather`.
 */
export function missingSignals(
  panel: Panel,
  events: readonly CalendarEvent[],
  silentSources: readonly string[] = [],
): string[] {
  const missing: string[] = [];
  if (!hasRecentPrices(panel)) missing.push('prices');
  const endDay = panel.startPeriod + panel.periodCount - 1;
  if (!events.some(({ day }) => day > endDay)) missing.push('events');
  return [...missing, ...silentSources];
}

function hasRecentPrices({ price, seriesCount, periodCount }: Panel): boolean {
  if (price === null) return false;
  const from = Math.max(0, periodCount - PRICE_DAYS);
  for (let s = 0; s < seriesCount; s++)
    for (let t = from; t < periodCount; t++) if (price[s * periodCount + t] >= 0) return true;
  return false;
}

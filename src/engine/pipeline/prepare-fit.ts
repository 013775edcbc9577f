import { influentialEvents } from '../aggregates/forecast.ts';
import { unconstrainDemand } from '../censoring/unconstrain.ts';
import { featureSchema, type SignalAvailability } from '../features/schema.ts';
import type { Feature } from '../features/windows.ts';
import { observedDays } from '../series/availability.ts';
import { dayOfPeriod, TRAITS } from '../series/frequency.ts';
import { totalGroups, type GroupTotals } from '../series/groups.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { openOrigin, type Origin } from './origin.ts';
import { availabilityOf, type TrainSettings } from './settings.ts';

/** What a fit on the first periods of a panel starts from. */
export interface FitStart {
  readonly origin: Origin;
  readonly availability: SignalAvailability;
  /** Names of the events worth knowing. */
  readonly vocabulary: readonly string[];
  readonly schema: readonly Feature[];
}

/** The sum of all series, one group. */
function totalOfAll(panel: Panel): GroupTotals {
  return totalGroups(panel, observedDays(panel), { count: 1, groupOf: new Int32Array(panel.seriesCount) });
}

/** Prepares a fit on the first `cut` periods; nothing of it knows a later one. */
export function prepareFit(
  panel: Panel,
  events: readonly CalendarEvent[],
  settings: TrainSettings,
  cut: number,
): FitStart {
  const visible = unconstrainDemand(truncatePanel(panel, cut));
  const frequency = visible.frequency ?? 'daily';
  const lastDay = dayOfPeriod(frequency, visible.startPeriod + cut * TRAITS[frequency].step);
  const known = events.filter((event) => event.day < lastDay);
  const vocabulary = known.length > 0 ? influentialEvents(visible, known, totalOfAll(visible)) : [];
  const availability = availabilityOf(visible, vocabulary.length > 0, settings);
  const origin = openOrigin(visible, events, vocabulary, null, 0);
  return { origin, availability, vocabulary, schema: featureSchema(availability) };
}

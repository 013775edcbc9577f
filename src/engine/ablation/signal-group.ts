import { dayOfPeriod, TRAITS } from '../series/frequency.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';

/** Signals that are switched on and off together, such as those of one source. */
export interface SignalGroup {
  readonly name: string;
  readonly price?: boolean;
  readonly promotion?: boolean;
  /** The calendar of holidays and festivals: true for all of it, or the names that belong to the group. */
  readonly events?: boolean | readonly string[];
  /** Names of covariates. */
  readonly covariates?: readonly string[];
}

/** What a model learns from beside sales. */
export interface SignalData {
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
}

/** Whether the data hold anything of a group within the history. */
export function hasSignals({ panel, events }: SignalData, group: SignalGroup): boolean {
  const frequency = panel.frequency ?? 'daily';
  const dayAt = (period: number) => dayOfPeriod(frequency, panel.startPeriod + period * TRAITS[frequency].step);
  const [first, end] = [dayAt(0), dayAt(panel.periodCount)];
  const tells = (values: Float32Array | null) => values !== null && values.some((value) => !Number.isNaN(value));
  return (
    (group.price === true && tells(panel.price)) ||
    (group.promotion === true && tells(panel.promotion)) ||
    events.some((event) => isOf(group, event) && event.day >= first && event.day < end) ||
    (panel.covariates ?? []).some(({ name, values }) => (group.covariates?.includes(name) ?? false) && tells(values))
  );
}

/**
 * The data as they would be if nobody knew the signals of a group. Their columns stay and hold nothing, so that both models
 * choose from as many columns by the same dice, and differ by what the signals tell and hardly by luck; events are taken out
 * of the calendar.
 */
export function withoutSignals({ panel, events }: SignalData, group: SignalGroup): SignalData {
  const { price, promotion, covariates } = panel;
  const unknown = (values: Float32Array) => new Float32Array(values.length).fill(NaN);
  return {
    panel: {
      ...panel,
      price: group.price === true ? price && unknown(price) : price,
      promotion: group.promotion === true ? promotion && unknown(promotion) : promotion,
      covariates: covariates?.map((covariate) => {
        if (!(group.covariates?.includes(covariate.name) ?? false)) return covariate;
        const { values, expected } = covariate;
        return { ...covariate, values: unknown(values), expected: expected && unknown(expected) };
      }),
    },
    events: events.filter((event) => !isOf(group, event)),
  };
}

function isOf({ events }: SignalGroup, { name }: CalendarEvent): boolean {
  return events === true || (Array.isArray(events) && events.includes(name));
}

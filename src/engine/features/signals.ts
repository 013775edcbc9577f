import type { SeriesHistory } from './history.ts';
import type { Feature } from './windows.ts';

/** The last price before the origin, or the target day's own where future prices are known. */
function priceFor(history: SeriesHistory, origin: number, target: number, known: boolean): number {
  if (known) {
    const own = signalAt(history, history.source.panel.price, history.source.futurePrice, target);
    if (own > 0) return own;
  }
  return history.lastPrice[origin];
}

/** Value of a signal on one day: from the panel within it, from the plan after it, NaN where neither tells. */
function signalAt(
  history: SeriesHistory,
  past: Float32Array | null,
  planned: Float32Array | null,
  day: number,
): number {
  const { panel, futurePeriods } = history.source;
  if (day < panel.periodCount) return past === null ? NaN : past[history.series * panel.periodCount + day];
  const ahead = day - panel.periodCount;
  return planned === null || ahead >= futurePeriods ? NaN : planned[history.series * futurePeriods + ahead];
}

/** The price a buyer meets. */
export function price(known: boolean): Feature {
  return { name: 'price', value: (history, origin, target) => priceFor(history, origin, target, known) };
}

/** The price divided by the mean price of the `days` days before the origin. */
export function relativePrice(days: number, known: boolean): Feature {
  return {
    name: `price_relative_${days}`,
    value: (history, origin, target) => {
      const from = Math.max(0, origin - days);
      const count = history.priceCount[origin] - history.priceCount[from];
      if (count === 0) return NaN;
      return (priceFor(history, origin, target, known) * count) / (history.priceSum[origin] - history.priceSum[from]);
    },
  };
}

/** Mean promotion strength of the `days` days before the origin. */
export function promotionShare(days: number): Feature {
  return {
    name: `promotion_share_${days}`,
    value: (history, origin) => {
      const from = Math.max(0, origin - days);
      return origin > from ? (history.promotionSum[origin] - history.promotionSum[from]) / (origin - from) : NaN;
    },
  };
}

/** The target day's own promotion, where plans are known. */
export const PLANNED_PROMOTION: Feature = {
  name: 'promotion',
  value: (history, _origin, target) =>
    signalAt(history, history.source.panel.promotion, history.source.futurePromotion, target),
};

const calendarFeature = (name: string, read: (history: SeriesHistory, target: number) => number): Feature => ({
  name,
  value: (history, _origin, target) => read(history, target),
});

/** What the calendar says about the target day. */
export const CALENDAR_FEATURES: readonly Feature[] = [
  calendarFeature('weekday', (history, target) => history.source.calendar.weekday[target]),
  calendarFeature('day_of_month', (history, target) => history.source.calendar.dayOfMonth[target]),
  calendarFeature('week', (history, target) => history.source.calendar.week[target]),
  calendarFeature('month', (history, target) => history.source.calendar.month[target]),
  calendarFeature('quarter', (history, target) => Math.ceil(history.source.calendar.month[target] / 3)),
];

/** Events on the target day, on the day after it, and the nearest one around it. */
export const EVENT_FEATURES: readonly Feature[] = [
  calendarFeature('event', (history, target) => history.source.calendar.event[target]),
  calendarFeature('event_next_day', (history, target) => history.source.calendar.event[target + 1]),
  calendarFeature('nearest_event', (history, target) => history.source.calendar.nearestEvent[target]),
  calendarFeature('nearest_event_distance', (history, target) => history.source.calendar.eventDistance[target]),
];

/** Days since the first sale, capped: beyond two years age says nothing more. */
export const AGE: Feature = {
  name: 'age',
  value: (history, _origin, target) => Math.min(target - history.source.panel.firstPeriod[history.series], 800),
};

/** Days from the origin to the target, counted from 1. */
export const HORIZON: Feature = { name: 'horizon', value: (_history, origin, target) => target - origin + 1 };

/** Codes of category and location as plain numbers; the product itself is never a feature (it invites overfitting). */
export const CODE_FEATURES: readonly Feature[] = [
  { name: 'category', value: (history) => history.source.panel.category[history.series] },
  { name: 'location', value: (history) => history.source.panel.location[history.series] },
];

import {
  groupSeasonRatio,
  groupTrend,
  groupWeekdayRatio,
  ofLocation,
  ofShelf,
  OWN_SEASON_RATIO,
  productMean,
} from './aggregates.ts';
import {
  AGE,
  CALENDAR_FEATURES,
  CODE_FEATURES,
  EVENT_FEATURES,
  HORIZON,
  PLANNED_PROMOTION,
  price,
  promotionShare,
  relativePrice,
} from './signals.ts';
import {
  EWMA_FEATURES,
  nonZeroShare,
  rollingExtreme,
  rollingMean,
  rollingStd,
  salesLag,
  weekdayMean,
  yearAgoMean,
  ZERO_RUN,
  type Feature,
} from './windows.ts';

/** Which signals a panel carries, and which of them are known for the days to come. */
export interface SignalAvailability {
  readonly price: boolean;
  readonly promotion: boolean;
  readonly events: boolean;
  readonly knownPrice: boolean;
  readonly knownPromotion: boolean;
}

/** The features of a model, in the order of its columns. The same availability always gives the same list. */
export function featureSchema(has: SignalAvailability): Feature[] {
  return [
    HORIZON,
    salesLag(1),
    salesLag(7),
    salesLag(30),
    rollingMean(7),
    rollingMean(28),
    rollingMean(112),
    rollingMean(364),
    rollingStd(28),
    rollingStd(112),
    rollingExtreme('min', 7),
    rollingExtreme('max', 28),
    ...EWMA_FEATURES,
    weekdayMean(4),
    weekdayMean(8),
    weekdayMean(26),
    ZERO_RUN,
    nonZeroShare(28),
    nonZeroShare(112),
    yearAgoMean(7),
    yearAgoMean(29),
    OWN_SEASON_RATIO,
    ...CALENDAR_FEATURES,
    ...(has.events ? EVENT_FEATURES : []),
    ...(has.price
      ? [price(has.knownPrice), relativePrice(28, has.knownPrice), relativePrice(364, has.knownPrice)]
      : []),
    ...(has.promotion ? [promotionShare(7), promotionShare(28)] : []),
    ...(has.promotion && has.knownPromotion ? [PLANNED_PROMOTION] : []),
    AGE,
    ...CODE_FEATURES,
    productMean(28),
    productMean(364),
    groupWeekdayRatio('shelf', ofShelf),
    groupSeasonRatio('shelf', ofShelf),
    groupTrend('shelf', 28, 364, ofShelf),
    groupWeekdayRatio('location', ofLocation),
    groupSeasonRatio('location', ofLocation),
    groupTrend('location', 7, 28, ofLocation),
  ];
}

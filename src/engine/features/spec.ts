/** Facts of the calendar about a period; see `CalendarTable` for their values. */
export type CalendarField =
  | 'weekday'
  | 'dayOfMonth'
  | 'week'
  | 'month'
  | 'quarter'
  | 'hour'
  | 'event'
  | 'nearestEvent'
  | 'eventDistance'
  | 'toEvent'
  | 'sinceEvent';

/** Groups of series whose totals a feature may read. A shelf is one category at one location. */
export type GroupKind = 'product' | 'shelf' | 'location';

/** What a seller plans for a period: promotion, whether there is any push, how far the price is cut, a known flag. */
export type PlanSignal = 'promotion' | 'pushed' | 'cut' | `flag_${string}`;

/**
 * What a feature is computed from, as plain data. Lengths are counted in periods. `origin` is the first period that is
 * not yet known, `target` the one to forecast. See {@link FEATURE_MEANING} for each kind's definition.
 */
export type FeatureSpec =
  | { readonly kind: 'horizon' }
  | { readonly kind: 'sales_lag'; readonly step: number }
  | { readonly kind: 'rolling_mean'; readonly window: number }
  | { readonly kind: 'rolling_std'; readonly window: number }
  | { readonly kind: 'rolling_min'; readonly window: number }
  | { readonly kind: 'rolling_max'; readonly window: number }
  | { readonly kind: 'ewma'; readonly alpha: number }
  | { readonly kind: 'season_mean'; readonly season: number; readonly repeats: number }
  | { readonly kind: 'zero_run' }
  | { readonly kind: 'nonzero_share'; readonly window: number }
  | { readonly kind: 'availability'; readonly window: number }
  | { readonly kind: 'year_ago_mean'; readonly year: number; readonly window: number }
  | { readonly kind: 'season_ratio'; readonly year: number; readonly window: number }
  | { readonly kind: 'calendar'; readonly field: CalendarField; readonly ahead: number }
  | { readonly kind: 'price'; readonly known: boolean }
  | { readonly kind: 'price_relative'; readonly known: boolean; readonly window: number }
  | { readonly kind: 'price_momentum'; readonly known: boolean; readonly window: number }
  | { readonly kind: 'promotion' }
  | { readonly kind: 'promotion_share'; readonly window: number }
  | { readonly kind: 'promotion_state_mean'; readonly window: number }
  | { readonly kind: 'price_regular'; readonly known: true; readonly window: number }
  | { readonly kind: 'response_lift' }
  | { readonly kind: 'response_mean'; readonly alpha: number }
  | { readonly kind: 'unpushed_mean'; readonly window: number }
  | { readonly kind: 'unpushed_ewma'; readonly alpha: number }
  | { readonly kind: 'group_plan'; readonly group: 'product' | 'shelf'; readonly signal: PlanSignal }
  | { readonly kind: 'age'; readonly cap: number }
  | { readonly kind: 'category' }
  | { readonly kind: 'location' }
  | { readonly kind: 'attribute'; readonly attribute: string }
  | { readonly kind: 'covariate'; readonly covariate: string }
  | { readonly kind: 'covariate_change'; readonly covariate: string; readonly window: number }
  | { readonly kind: 'covariate_state_mean'; readonly covariate: string; readonly window: number }
  | { readonly kind: 'covariate_last'; readonly covariate: string }
  | { readonly kind: 'covariate_mean'; readonly covariate: string; readonly window: number }
  | { readonly kind: 'group_mean'; readonly group: GroupKind; readonly window: number }
  | {
      readonly kind: 'group_season_profile';
      readonly group: GroupKind;
      readonly season: number;
      readonly repeats: number;
    }
  | {
      readonly kind: 'group_season_ratio';
      readonly group: GroupKind;
      readonly year: number;
      readonly around: number;
      readonly window: number;
    }
  | { readonly kind: 'group_trend'; readonly group: GroupKind; readonly short: number; readonly long: number };

export type FeatureKind = FeatureSpec['kind'];

/**
 * One number a model may learn from: plain data, safe to write as JSON. Its value for `target` is the one known when
 * period `origin` begins; NaN where it is not known. The name is the column's and never changes.
 */
export type Feature = FeatureSpec & { readonly name: string };

/**
 * Definition and unit of every kind. "Observed" are periods on sale and in stock; "visible" ones lie before the origin.
 * Means over no observed period are NaN.
 */
export const FEATURE_MEANING: Readonly<Record<FeatureKind, string>> = {
  horizon: 'Periods from the origin to the target, counted from 1.',
  sales_lag: 'Units on the latest visible period a whole number of `step`s before the target; NaN if not observed.',
  rolling_mean: 'Mean units of the observed periods among the last `window` before the origin.',
  rolling_std: 'Standard deviation (of the population) of the same, units.',
  rolling_min: 'Least units of the same.',
  rolling_max: 'Greatest units of the same.',
  ewma: 'Exponentially weighted mean of the observed visible periods, units; each moves it by `alpha` of the gap.',
  season_mean:
    'Mean units of the observed ones of the last `repeats` visible periods whole `season`s before the target.',
  zero_run: 'Observed periods without a sale just before the origin.',
  nonzero_share: 'Share of periods with a sale among the observed of the last `window` before the origin.',
  availability: 'Share of observed periods among the last `window` before the origin since the start of the panel.',
  year_ago_mean:
    'Mean units of the visible part of the `window` (odd) periods centred whole `year`s before the target.',
  season_ratio: 'The same over `window` + 1 periods divided by the mean of the `window` before the origin so long ago.',
  calendar: 'A field of the calendar in the period `ahead` of the target (0 = the target itself).',
  price: 'Price of the target where it is known ahead and given, else the last price before the origin.',
  price_relative: 'That price divided by the mean known price of the last `window` periods before the origin.',
  price_momentum: 'That price divided by the last price known `window` periods before the origin.',
  promotion: 'Planned promotion strength of the target, 0..1.',
  promotion_share: 'Mean promotion strength of the last `window` periods before the origin.',
  promotion_state_mean:
    'Mean units of the observed ones of the last `window` periods before the origin that were promoted if the target is, and not promoted if it is not.',
  price_regular: 'That price divided by the regular one: the highest of the last `window` periods before the origin.',
  response_lift:
    'Logarithm of the factor by which price, promotion and flags of the target lift demand, by the regression of the product on the periods before the origin; see `DemandResponse`.',
  response_mean:
    'Units at the level without pushes, lifted by those of the target: log(1 + units) less the lift of its period, exponentially weighted by `alpha` over the observed visible periods, plus the lift of the target.',
  unpushed_mean:
    'Mean units of the observed ones of the last `window` periods before the origin without promotion, flag or a price more than 5 % below the regular one.',
  unpushed_ewma: 'Exponentially weighted mean of the units of all such visible periods.',
  group_plan:
    'Mean over the series of the group, in the target period, of the promotion, of whether there is any push, of the logarithm of the price over the regular one, or of a flag.',
  age: 'Periods from the first sale or listing to the target, at most `cap`.',
  category: 'Code of the category.',
  location: 'Code of the location.',
  attribute: 'Code of a property of product or place.',
  covariate: 'Value in the target period; what is expected of it where it cannot be known at the origin.',
  covariate_change: 'That value minus the mean of the known ones in the last `window` periods before the origin.',
  covariate_state_mean:
    'Mean units of the observed ones of the last `window` periods before the origin in which the flag was set as it is for the target.',
  covariate_last: 'Last known value before the origin.',
  covariate_mean: 'Mean of the known values of the last `window` periods before the origin.',
  group_mean: 'Units of the group per observed period of one of its series, in the last `window` before the origin.',
  group_season_profile:
    'Mean units of the group in the last `repeats` visible periods whole `season`s before the target, divided by its mean over the last `season` * `repeats`; as many repeats as the panel holds.',
  group_season_ratio:
    'Mean units of the group in `around` (odd) periods centred whole `year`s before the target, divided by that of the `window` before the origin so long ago: how far the season rose then.',
  group_trend: 'Mean units of the group in the last `short` periods divided by that of the last `long` visible ones.',
};

/** Name of a feature: its kind and numbers, so that equal features of one frequency have equal names. */
function nameOf(spec: FeatureSpec): string {
  switch (spec.kind) {
    case 'sales_lag':
      return `sales_lag_${spec.step}`;
    case 'ewma':
    case 'response_mean':
    case 'unpushed_ewma':
      return `${spec.kind}_${spec.alpha}`;
    case 'group_plan':
      return `${spec.group}_plan_${spec.signal}`;
    case 'season_mean':
      return `season_mean_${spec.season}_${spec.repeats}`;
    case 'calendar':
      return spec.ahead === 0 ? spec.field : `${spec.field}_${spec.ahead}`;
    case 'attribute':
      return `attribute_${spec.attribute}`;
    case 'covariate':
      return `covariate_${spec.covariate}`;
    case 'covariate_last':
      return `covariate_${spec.covariate}_last`;
    case 'covariate_change':
    case 'covariate_mean':
    case 'covariate_state_mean':
      return `covariate_${spec.covariate}_${spec.kind.slice('covariate_'.length)}_${spec.window}`;
    case 'group_mean':
      return `${spec.group}_mean_${spec.window}`;
    case 'group_season_profile':
      return `${spec.group}_season_profile`;
    case 'group_season_ratio':
      return `${spec.group}_season_ratio`;
    case 'group_trend':
      return `${spec.group}_trend_${spec.short}_${spec.long}`;
    default:
      return 'window' in spec && spec.kind !== 'season_ratio' ? `${spec.kind}_${spec.window}` : spec.kind;
  }
}

/** Names a spec. @param name where the field has a better word, such as `weekday_mean_4` for a weekly season */
export function feature(spec: FeatureSpec, name = nameOf(spec)): Feature {
  return { ...spec, name };
}

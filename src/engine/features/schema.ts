import { TRAITS, type Frequency } from '../series/frequency.ts';
import { calendarFeatures, FEATURE_PLANS, type FeaturePlan } from './plans.ts';
import { feature, type Feature } from './spec.ts';

/** Which signals a panel carries, and which of them are known for the periods to come. */
export interface SignalAvailability {
  readonly price: boolean;
  readonly promotion: boolean;
  readonly events: boolean;
  readonly knownPrice: boolean;
  readonly knownPromotion: boolean;
  /** Length of a period; daily if absent. */
  readonly frequency?: Frequency;
  /** Covariates of the panel by name; `flag` tells that all values are 0 or 1. */
  readonly covariates?: readonly { readonly name: string; readonly known: boolean; readonly flag?: boolean }[];
  /** Attributes of the panel by name. */
  readonly attributes?: readonly string[];
}

/** The features of a model, in the order of its columns. The same availability always gives the same list. */
export function featureSchema(has: SignalAvailability): Feature[] {
  const frequency = has.frequency ?? 'daily';
  const plan = FEATURE_PLANS[frequency];
  const { year } = TRAITS[frequency];
  return [
    feature({ kind: 'horizon' }),
    ...salesFeatures(frequency, plan),
    ...calendarFeatures(plan, has.events),
    ...(has.price ? priceFeatures(plan, year, has.knownPrice) : []),
    ...(has.promotion ? promotionFeatures(plan, year, has.knownPromotion) : []),
    ...(has.promotion && has.knownPromotion ? responseFeatures(plan, has) : []),
    feature({ kind: 'age', cap: plan.ageCap }),
    feature({ kind: 'category' }),
    feature({ kind: 'location' }),
    ...(has.attributes ?? []).map((attribute) => feature({ kind: 'attribute', attribute })),
    ...(has.covariates ?? []).flatMap((covariate) => covariateFeatures(plan, year, covariate)),
    ...groupFeatures(plan, year),
  ];
}

function salesFeatures(frequency: Frequency, plan: FeaturePlan): Feature[] {
  const { windows, year } = TRAITS[frequency];
  const { short, medium, long } = plan;
  return [
    ...plan.lags.map((step) => feature({ kind: 'sales_lag', step })),
    ...windows.map((window) => feature({ kind: 'rolling_mean', window })),
    feature({ kind: 'rolling_std', window: medium }),
    feature({ kind: 'rolling_std', window: long }),
    feature({ kind: 'rolling_min', window: short }),
    feature({ kind: 'rolling_max', window: medium }),
    ...plan.ewmaAlphas.map((alpha) => feature({ kind: 'ewma', alpha })),
    ...plan.seasons.flatMap(({ word, length, repeats }) =>
      repeats.map((times) => feature({ kind: 'season_mean', season: length, repeats: times }, `${word}_mean_${times}`)),
    ),
    feature({ kind: 'zero_run' }),
    feature({ kind: 'nonzero_share', window: medium }),
    feature({ kind: 'nonzero_share', window: long }),
    feature({ kind: 'availability', window: medium }),
    ...plan.yearAgo.map((window) => feature({ kind: 'year_ago_mean', year, window })),
    feature({ kind: 'season_ratio', year, window: plan.yearAgo[1] - 1 }),
  ];
}

function priceFeatures({ short, medium }: FeaturePlan, year: number, known: boolean): Feature[] {
  return [
    feature({ kind: 'price', known }),
    feature({ kind: 'price_relative', known, window: medium }),
    feature({ kind: 'price_relative', known, window: year }),
    feature({ kind: 'price_momentum', known, window: short }),
  ];
}

function promotionFeatures({ short, medium }: FeaturePlan, year: number, known: boolean): Feature[] {
  return [
    feature({ kind: 'promotion_share', window: short }),
    feature({ kind: 'promotion_share', window: medium }),
    ...(known
      ? [
          feature({ kind: 'promotion' }),
          feature({ kind: 'promotion_state_mean', window: medium }),
          feature({ kind: 'promotion_state_mean', window: year }),
        ]
      : []),
  ];
}

/** What is learned of how demand answers to plans, and what is planned for neighbours. */
function responseFeatures({ medium, ewmaAlphas }: FeaturePlan, has: SignalAvailability): Feature[] {
  const flags = (has.covariates ?? []).filter(({ known, flag }) => known && flag);
  const signals = ['promotion', 'pushed', 'cut', ...flags.map(({ name }) => `flag_${name}` as const)] as const;
  return [
    ...(has.price && has.knownPrice ? [feature({ kind: 'price_regular', known: true, window: medium })] : []),
    feature({ kind: 'response_lift' }),
    ...ewmaAlphas.map((alpha) => feature({ kind: 'response_mean', alpha })),
    feature({ kind: 'unpushed_mean', window: medium }),
    ...ewmaAlphas.map((alpha) => feature({ kind: 'unpushed_ewma', alpha })),
    ...(['product', 'shelf'] as const).flatMap((group) =>
      signals.map((signal) => feature({ kind: 'group_plan', group, signal })),
    ),
  ];
}

function covariateFeatures(
  { short, medium }: FeaturePlan,
  year: number,
  { name: covariate, known, flag }: { readonly name: string; readonly known: boolean; readonly flag?: boolean },
): Feature[] {
  if (!known)
    return [
      feature({ kind: 'covariate_last', covariate }),
      feature({ kind: 'covariate_mean', covariate, window: short }),
      feature({ kind: 'covariate_mean', covariate, window: medium }),
    ];
  return [
    feature({ kind: 'covariate', covariate }),
    flag
      ? feature({ kind: 'covariate_state_mean', covariate, window: year })
      : feature({ kind: 'covariate_change', covariate, window: medium }),
  ];
}

function groupFeatures(plan: FeaturePlan, year: number): Feature[] {
  const { short, medium, profileRepeats } = plan;
  const [{ word, length: season }] = plan.seasons;
  const around = plan.yearAgo[0];
  return [
    feature({ kind: 'group_mean', group: 'product', window: medium }),
    feature({ kind: 'group_mean', group: 'product', window: year }),
    ...(['shelf', 'location'] as const).flatMap((group) => [
      feature({ kind: 'group_season_profile', group, season, repeats: profileRepeats }, `${group}_${word}_ratio`),
      feature({ kind: 'group_season_ratio', group, year, around, window: medium }),
      group === 'shelf'
        ? feature({ kind: 'group_trend', group, short: medium, long: year })
        : feature({ kind: 'group_trend', group, short, long: medium }),
    ]),
  ];
}

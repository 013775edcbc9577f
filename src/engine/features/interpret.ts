import * as groups from './aggregates.ts';
import * as covariates from './covariates.ts';
import type { SeriesHistory } from './history.ts';
import { fillGroupPlan } from './group-plans.ts';
import * as responses from './response-history.ts';
import * as signals from './signals.ts';
import type { Feature } from './spec.ts';
import * as windows from './windows.ts';
import type { RowSpan } from './row-span.ts';

/**
 * Fills one column's entries of one series: the only place where a spec becomes numbers. One switch per column and
 * series, so that each loop over rows is tight. A signal the panel does not carry is not known: NaN.
 */
export function fillColumn(feature: Feature, history: SeriesHistory, rows: RowSpan, out: Float32Array): void {
  if ('covariate' in feature) fillFromCovariate(feature, history, rows, out);
  else if (feature.kind === 'group_plan')
    fillGroupPlan(history.source.plansOf(feature.group), history.series, rows, out, feature.signal);
  else if ('group' in feature) fillFromGroup(feature, history, rows, out);
  else if (feature.kind.startsWith('price') && history.source.panel.price === null) out.fill(NaN, rows.from, rows.to);
  else if (feature.kind.startsWith('promotion') && history.source.panel.promotion === null)
    out.fill(NaN, rows.from, rows.to);
  else if (isFromResponse(feature)) fillFromResponse(feature, history, rows, out);
  else fillFromSeries(feature, history, rows, out);
}

type CovariateFeature = Extract<Feature, { readonly covariate: string }>;
type PlanFeature = Extract<Feature, { readonly kind: 'group_plan' }>;
type GroupFeature = Exclude<Extract<Feature, { readonly group: string }>, PlanFeature>;
type ResponseFeature = Extract<Feature, { readonly kind: responses.ResponseKind }>;
type SeriesFeature = Exclude<Feature, CovariateFeature | PlanFeature | GroupFeature | ResponseFeature>;

function isFromResponse(feature: Feature): feature is ResponseFeature {
  return responses.isResponseKind(feature.kind);
}

function fillFromResponse(feature: ResponseFeature, history: SeriesHistory, rows: RowSpan, out: Float32Array): void {
  const { response } = history;
  if (response === null) return void out.fill(NaN, rows.from, rows.to);
  switch (feature.kind) {
    case 'price_regular':
      signals.fillPrice(history, rows, out, feature.known);
      return responses.divideByRegular(response, rows, out);
    case 'response_lift':
      return responses.fillLift(response, rows, out);
    case 'response_mean':
      return responses.fillResponseMean(response, rows, out, feature.alpha);
    case 'unpushed_mean':
      return windows.fillRatioOfSums(response.plainSum, response.plainCount, rows, out, feature.window);
    case 'unpushed_ewma':
      return windows.fillAtOrigin(response.plainLevels.get(feature.alpha)!, rows, out);
  }
}

function fillFromSeries(feature: SeriesFeature, history: SeriesHistory, rows: RowSpan, out: Float32Array): void {
  const { panel, calendar } = history.source;
  const { series } = history;
  switch (feature.kind) {
    case 'horizon':
      return signals.fillHorizon(rows, out);
    case 'sales_lag':
      return windows.fillLag(history, rows, out, feature.step);
    case 'rolling_mean':
      return windows.fillRatioOfSums(history.sum, history.count, rows, out, feature.window);
    case 'rolling_std':
      return windows.fillStd(history, rows, out, feature.window);
    case 'rolling_min':
      return windows.fillMin(history, rows, out, feature.window);
    case 'rolling_max':
      return windows.fillMax(history, rows, out, feature.window);
    case 'ewma':
      return windows.fillAtOrigin(history.ewma.get(feature.alpha)!, rows, out);
    case 'season_mean':
      return windows.fillSeasonMean(history, rows, out, feature.season, feature.repeats);
    case 'zero_run':
      return windows.fillAtOrigin(history.zeroRun, rows, out);
    case 'nonzero_share':
      return windows.fillRatioOfSums(history.sold, history.count, rows, out, feature.window);
    case 'availability':
      return windows.fillMeanOfWindow(history.count, rows, out, feature.window);
    case 'year_ago_mean':
      return windows.fillYearAgo(history, rows, out, feature.year, feature.window >> 1);
    case 'season_ratio':
      return windows.fillSeasonRatio(history, rows, out, feature.year, feature.window);
    case 'calendar':
      return signals.fillCalendar(calendar[feature.field], rows, out, feature.ahead);
    case 'price':
      return signals.fillPrice(history, rows, out, feature.known);
    case 'price_relative':
      return signals.fillPriceRelative(history, rows, out, feature.known, feature.window);
    case 'price_momentum':
      return signals.fillPriceMomentum(history, rows, out, feature.known, feature.window);
    case 'promotion':
      return signals.fillPromotion(history, rows, out);
    case 'promotion_share':
      return windows.fillMeanOfWindow(history.promotionSum, rows, out, feature.window);
    case 'promotion_state_mean':
      return signals.fillPromotionStateMean(history, rows, out, feature.window);
    case 'age':
      return signals.fillAge(history, rows, out, feature.cap);
    case 'category':
      return void out.fill(panel.category[series], rows.from, rows.to);
    case 'location':
      return void out.fill(panel.location[series], rows.from, rows.to);
    case 'attribute': {
      const attribute = panel.attributes?.find(({ name }) => name === feature.attribute);
      return void out.fill(attribute ? attribute.codes[series] : NaN, rows.from, rows.to);
    }
  }
}

function fillFromCovariate(feature: CovariateFeature, history: SeriesHistory, rows: RowSpan, out: Float32Array): void {
  const sums = history.covariates.get(feature.covariate);
  if (!sums) return void out.fill(NaN, rows.from, rows.to);
  switch (feature.kind) {
    case 'covariate':
      return covariates.fillCovariate(sums, rows, out);
    case 'covariate_change':
      return covariates.fillCovariateChange(sums, rows, out, feature.window);
    case 'covariate_state_mean':
      covariates.fillCovariate(sums, rows, out);
      return signals.fillStateMean(history, sums.flaggedSum, sums.flaggedCount, rows, out, feature.window);
    case 'covariate_last':
      return windows.fillAtOrigin(sums.last, rows, out);
    case 'covariate_mean':
      return windows.fillRatioOfSums(sums.sum, sums.count, rows, out, feature.window);
  }
}

function fillFromGroup(feature: GroupFeature, history: SeriesHistory, rows: RowSpan, out: Float32Array): void {
  const sums = groups.groupSums(history.source, feature.group, history.series);
  switch (feature.kind) {
    case 'group_mean':
      return groups.fillGroupMean(sums, rows, out, feature.window);
    case 'group_season_profile':
      return groups.fillSeasonProfile(sums, rows, out, feature.season, feature.repeats);
    case 'group_season_ratio':
      return groups.fillGroupSeasonRatio(sums, rows, out, feature.year, feature.around, feature.window);
    case 'group_trend':
      return groups.fillTrend(sums, rows, out, feature.short, feature.long);
  }
}

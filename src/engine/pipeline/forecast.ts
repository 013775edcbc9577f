import { CancelledError, InvalidInputError } from '../errors.ts';
import { checkHorizon, checkPanel } from '../series/check.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { assembleForecast, selectRows } from './assemble.ts';
import { joinMembers } from './extra-members.ts';
import type { FittedForecaster } from './fitted.ts';
import { parseForecaster } from './model-text.ts';
import { forecastMembers, forecastSums, openOrigin, type Origin } from './origin.ts';
import type { ExtraMember, Forecast, ForecastOptions, FuturePlan, TrainHooks } from './types.ts';

/** Forecast of all series from an origin. @param extra members beside those of the forecaster */
export function forecastFromOrigin(
  origin: Origin,
  forecaster: FittedForecaster,
  horizon: number,
  extra: readonly ExtraMember[] = [],
): Forecast {
  const { fitted, lessons } = forecaster;
  const members = joinMembers(forecastMembers(origin, fitted, horizon), origin, extra, horizon);
  return assembleForecast(origin, members, forecastSums(origin, fitted, horizon), lessons, horizon);
}

/**
 * Forecasts the periods after a panel's end with a stored model, without training. The panel may hold later periods and
 * other series than the one the model was trained on; codes of categories, locations and events must mean the same.
 * @throws CorruptModelError, InvalidInputError naming the argument, CancelledError
 */
export function forecastWith(
  modelText: string,
  panel: Panel,
  events: readonly CalendarEvent[],
  options: ForecastOptions = {},
  hooks: TrainHooks = {},
): Forecast {
  checkPanel(panel);
  const forecaster = parseForecaster(modelText);
  const horizon = options.horizon ?? forecaster.fitted.horizon;
  checkHorizon(horizon);
  checkPlan(panel, options.future, horizon);
  const wanted = options.seriesIndices;
  const outside = wanted?.find((series) => series < 0 || series >= panel.seriesCount);
  if (outside !== undefined) throw new InvalidInputError(`seriesIndices holds ${outside}, which the panel does not`);
  hooks.onProgress?.(10, 'Reading the history');
  const origin = openOrigin(panel, events, forecaster.fitted.vocabulary, options.future ?? null, horizon);
  if (hooks.isCancelled?.()) throw new CancelledError('Forecasting was cancelled');
  hooks.onProgress?.(30, 'Forecasting');
  const forecast = forecastFromOrigin(origin, forecaster, horizon);
  hooks.onProgress?.(100, 'Done');
  return wanted === undefined ? forecast : selectRows(forecast, panel.product, wanted);
}

/** Refuses a plan that does not cover every series and day. @throws InvalidInputError naming the array */
export function checkPlan(panel: Panel, plan: FuturePlan | undefined, horizon: number): void {
  const size = panel.seriesCount * horizon;
  for (const name of ['price', 'promotion'] as const) {
    const length = plan?.[name]?.length ?? size;
    if (length !== size) throw new InvalidInputError(`future.${name} has ${length} entries, expected ${size}`);
  }
}

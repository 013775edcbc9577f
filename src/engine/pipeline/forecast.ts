import { CancelledError, InvalidInputError } from '../errors.ts';
import { checkHorizon, checkPanel } from '../series/check.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { assembleForecast, selectRows } from './assemble.ts';
import { joinMembers } from './extra-members.ts';
import type { FittedForecaster } from './fitted.ts';
import { parseForecaster } from './model-text.ts';
import { forecastMembers, forecastSums, openOrigin, type MemberForecasts, type Origin } from './origin.ts';
import type { ExtraMember, Forecast, ForecastOptions, FuturePlan, TrainHooks } from './types.ts';

/** The members' forecasts of some series of a panel: a part of what {@link assembleParts} puts together. */
export interface ForecastPart {
  /** Indices into the panel, one a row. */
  readonly seriesIndices: Int32Array;
  readonly names: readonly string[];
  /** One array per member, `[rows * horizon]`. */
  readonly means: readonly Float32Array[];
  readonly ownWeight: Float32Array;
}

/**
 * Forecasts of the members for some series: most of the work of {@link forecastWith}, which several machines may share. They
 * do not depend on which series are forecast together.
 * @param options `seriesIndices` names the series; all if absent
 * @throws CorruptModelError, InvalidInputError naming the argument, CancelledError
 */
export function forecastPart(
  modelText: string,
  panel: Panel,
  events: readonly CalendarEvent[],
  options: ForecastOptions = {},
  hooks: TrainHooks = {},
): ForecastPart {
  const { forecaster, origin, horizon } = prepare(modelText, panel, events, options, hooks);
  const seriesIndices = options.seriesIndices ?? Int32Array.from({ length: panel.seriesCount }, (_, s) => s);
  const part = { seriesIndices, ...forecastMembers(origin, forecaster.fitted, horizon, seriesIndices) };
  hooks.onProgress?.(100, 'Done');
  return part;
}

/**
 * The forecast of a panel from parts that together hold each of its series once: to the bit that of {@link forecastWith},
 * however it was cut. Aligning items to totals, and the totals themselves, need all series.
 * @throws CorruptModelError, InvalidInputError naming the argument, CancelledError
 */
export function assembleParts(
  modelText: string,
  panel: Panel,
  events: readonly CalendarEvent[],
  parts: readonly ForecastPart[],
  options: Omit<ForecastOptions, 'seriesIndices'> = {},
  hooks: TrainHooks = {},
): Forecast {
  const { forecaster, origin, horizon } = prepare(modelText, panel, events, options, hooks);
  const members = joinParts(parts, panel.seriesCount, horizon);
  const sums = forecastSums(origin, forecaster.fitted, horizon);
  const forecast = assembleForecast(origin, members, sums, forecaster.lessons, horizon);
  hooks.onProgress?.(100, 'Done');
  return forecast;
}

/** Puts the rows of parts where their series stand. */
function joinParts(parts: readonly ForecastPart[], seriesCount: number, horizon: number): MemberForecasts {
  const names = parts[0]?.names ?? [];
  const means = names.map(() => new Float32Array(seriesCount * horizon));
  const ownWeight = new Float32Array(seriesCount);
  const seen = new Uint8Array(seriesCount);
  for (const part of parts) {
    if (part.names.join() !== names.join()) throw new InvalidInputError('parts were forecast by different models');
    part.seriesIndices.forEach((series, row) => {
      if (!(series >= 0 && series < seriesCount) || seen[series] === 1)
        throw new InvalidInputError(`parts holds series ${series} twice, or the panel does not`);
      seen[series] = 1;
      ownWeight[series] = part.ownWeight[row];
      part.means.forEach((values, m) =>
        means[m].set(values.subarray(row * horizon, (row + 1) * horizon), series * horizon),
      );
    });
  }
  const missing = seen.indexOf(0);
  if (missing >= 0) throw new InvalidInputError(`parts lacks series ${missing}`);
  return { names, means, ownWeight };
}

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
  const { forecaster, origin, horizon } = prepare(modelText, panel, events, options, hooks);
  const forecast = forecastFromOrigin(origin, forecaster, horizon);
  hooks.onProgress?.(100, 'Done');
  const wanted = options.seriesIndices;
  return wanted === undefined ? forecast : selectRows(forecast, panel.product, wanted);
}

/** Reads the model and opens the panel's end as an origin. */
function prepare(
  modelText: string,
  panel: Panel,
  events: readonly CalendarEvent[],
  options: ForecastOptions,
  hooks: TrainHooks,
) {
  checkPanel(panel);
  const forecaster = parseForecaster(modelText);
  const horizon = options.horizon ?? forecaster.fitted.horizon;
  checkHorizon(horizon);
  checkPlan(panel, options.future, horizon);
  const outside = options.seriesIndices?.find((series) => series < 0 || series >= panel.seriesCount);
  if (outside !== undefined) throw new InvalidInputError(`seriesIndices holds ${outside}, which the panel does not`);
  hooks.onProgress?.(10, 'Reading the history');
  const origin = openOrigin(panel, events, forecaster.fitted.vocabulary, options.future ?? null, horizon);
  if (hooks.isCancelled?.()) throw new CancelledError('Forecasting was cancelled');
  hooks.onProgress?.(30, 'Forecasting');
  return { forecaster, origin, horizon };
}

/** Refuses a plan that does not cover every series and day. @throws InvalidInputError naming the array */
export function checkPlan(panel: Panel, plan: FuturePlan | undefined, horizon: number): void {
  const size = panel.seriesCount * horizon;
  for (const name of ['price', 'promotion'] as const) {
    const length = plan?.[name]?.length ?? size;
    if (length !== size) throw new InvalidInputError(`future.${name} has ${length} entries, expected ${size}`);
  }
}

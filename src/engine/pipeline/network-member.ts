import { planAfter } from '../backtest/fold.ts';
import { planBacktest } from '../backtest/plan.ts';
import { CancelledError } from '../errors.ts';
import {
  forecastNeural,
  NeuralUnavailableError,
  trainNeural,
  type NeuralData,
  type NeuralModel,
  type NeuralSettings,
  type RuntimeOptions,
} from '../neural/index.ts';
import { observedDays } from '../series/availability.ts';
import { checkPanel } from '../series/check.ts';
import { dayOfPeriod, TRAITS } from '../series/frequency.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { checkPlan } from './forecast.ts';
import { resolveOptions, type TrainSettings } from './settings.ts';
import { trainForecaster } from './train.ts';
import type { ExtraMember, FuturePlan, TrainHooks, TrainingResult, TrainOptions } from './types.ts';

const { floor } = Math;
/** Name of the network among the members of the ensemble. */
export const NETWORK_MEMBER = 'network';
/** Percent of the progress in which the networks are trained. */
const NETWORK_PERCENT = 50;
/** Part of that in which one network is trained; in the rest it forecasts. */
const TRAINING_SHARE = 0.9;

/** Shape and schooling of the network, and its back end; horizon, seed and known signals come from the training. */
export type NetworkSettings = Partial<Omit<NeuralSettings, 'horizon' | 'seed' | 'known'>> & RuntimeOptions;

/** A network to train: on the first `cut` periods, to forecast `horizon` periods after each of the `origins`. */
interface Stage {
  readonly cut: number;
  readonly origins: readonly number[];
  readonly horizon: number;
}

/**
 * Trains a forecaster as {@link trainForecaster} does, with a neural network that competes as the member `network`. Three
 * networks are trained, each on what its part of the backtest may see: up to the first validation origin, up to the
 * hold-out if there is one, and on everything. Where no tensor back end can be loaded or the history is too short for a
 * network, the forecaster is trained without, and a progress message says so. The same input and back end give the same
 * bits.
 *
 * The network is not part of the model text: {@link forecastWith} forecasts without it, by lessons learned without it.
 * @throws InvalidInputError naming the argument, CancelledError
 */
export async function trainForecasterWithNetwork(
  panel: Panel,
  events: readonly CalendarEvent[],
  options: TrainOptions = {},
  hooks: TrainHooks = {},
  networkSettings: NetworkSettings = {},
): Promise<TrainingResult> {
  checkPanel(panel);
  const settings = resolveOptions(options, panel.frequency ?? 'daily');
  checkPlan(panel, options.future, settings.horizon);
  const report = (percent: number, message: string) => hooks.onProgress?.(floor(percent), message);
  const member = await forecastByNetworks(
    { panel, events, settings, networkSettings, future: options.future ?? null },
    {
      onProgress: (percent, message) => report((percent * NETWORK_PERCENT) / 100, message),
      isCancelled: hooks.isCancelled,
    },
  );
  if (typeof member === 'string') report(NETWORK_PERCENT, `Training without the network: ${member}`);
  const extraMembers = [...(options.extraMembers ?? []), ...(typeof member === 'string' ? [] : [member])];
  return trainForecaster(
    panel,
    events,
    { ...options, extraMembers },
    {
      onProgress: (percent, message) => report(NETWORK_PERCENT + (percent * (100 - NETWORK_PERCENT)) / 100, message),
      isCancelled: hooks.isCancelled,
    },
  );
}

/** What all networks of a training have in common. */
interface NetworkTask {
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  readonly settings: TrainSettings;
  readonly networkSettings: NetworkSettings;
  readonly future: FuturePlan | null;
}

/** The means of the networks at all origins of the backtest and at the panel's end, or why there are none. */
async function forecastByNetworks(task: NetworkTask, hooks: TrainHooks): Promise<ExtraMember | string> {
  const stages = stagesOf(task.panel, task.settings);
  if (stages.length === 0) return 'the history is too short to judge it';
  const meansAt = new Map<number, Float32Array>();
  try {
    for (const [index, stage] of stages.entries()) {
      const label = `Network ${index + 1} of ${stages.length}`;
      const forecasts = await runStage(task, stage, {
        onProgress: (percent, message) =>
          hooks.onProgress?.((100 * index + percent) / stages.length, `${label}: ${message}`),
        isCancelled: hooks.isCancelled,
      });
      if (forecasts === null) return 'the history is too short to train it';
      stage.origins.forEach((origin, i) => meansAt.set(origin, forecasts[i]));
    }
  } catch (error) {
    if (error instanceof NeuralUnavailableError) return error.message;
    throw error;
  }
  return { name: NETWORK_MEMBER, meansAt };
}

/** The cuts of the backtest that {@link trainForecaster} will make; none where it has no validation fold. */
function stagesOf(panel: Panel, { holdOutPeriods, horizon }: TrainSettings): Stage[] {
  const plan = planBacktest(panel.periodCount, panel.frequency ?? 'daily', holdOutPeriods, horizon);
  if (plan.periods === 0) return [];
  const { validationOrigins, holdOutOrigin, periods } = plan;
  const stages = [{ cut: validationOrigins[0], origins: validationOrigins, horizon: periods }];
  if (holdOutPeriods > 0) stages.push({ cut: holdOutOrigin, origins: [holdOutOrigin], horizon: periods });
  stages.push({ cut: panel.periodCount, origins: [panel.periodCount], horizon });
  return stages;
}

/** Means at the origins of a stage, or null where no series is long enough for a network. */
async function runStage(
  task: NetworkTask,
  { cut, origins, horizon }: Stage,
  hooks: TrainHooks,
): Promise<Float32Array[] | null> {
  const { panel, events, settings, networkSettings } = task;
  const { backend, wasmFolder, ...shape } = networkSettings;
  const frequency = panel.frequency ?? 'daily';
  const lastDay = dayOfPeriod(frequency, panel.startPeriod + cut * TRAITS[frequency].step);
  // An event that the history has not seen would reach the forecast through weights that were never trained.
  const seen = events.filter((event) => event.day < lastDay);
  const network = await trainNeural(
    visibleData(panel, cut, seen),
    {
      ...shape,
      horizon,
      seed: settings.seed,
      known: { price: settings.knownPrice, promotion: settings.knownPromotion },
    },
    {
      backend,
      wasmFolder,
      onProgress: (percent, message) => hooks.onProgress?.(percent * TRAINING_SHARE, message),
      isCancelled: hooks.isCancelled,
    },
  );
  if (network === null) return null;
  const forecasts: Float32Array[] = [];
  for (const origin of origins) {
    if (hooks.isCancelled?.()) throw new CancelledError('Training was cancelled');
    forecasts.push(await forecastAt(task, network, origin, horizon));
  }
  return forecasts;
}

/** Means after an origin, NaN where the network has no history to go by. */
async function forecastAt(
  { panel, events, settings, networkSettings, future }: NetworkTask,
  network: NeuralModel,
  origin: number,
  horizon: number,
): Promise<Float32Array> {
  const plan = origin < panel.periodCount ? planAfter(panel, origin, horizon) : future;
  const known = {
    price: settings.knownPrice ? plan?.price : null,
    promotion: settings.knownPromotion ? plan?.promotion : null,
  };
  const data = { ...visibleData(panel, origin, events), future: known };
  const { backend, wasmFolder } = networkSettings;
  const { mean, usable } = await forecastNeural(network, data, horizon, { backend, wasmFolder });
  for (let s = 0; s < panel.seriesCount; s++) if (usable[s] === 0) mean.fill(NaN, s * horizon, (s + 1) * horizon);
  return mean;
}

/** What can be seen after `cut` periods. */
function visibleData(panel: Panel, cut: number, events: readonly CalendarEvent[]): NeuralData {
  const visible = truncatePanel(panel, cut);
  return { panel: visible, observed: observedDays(visible), events };
}

import { evaluateForecast } from '../backtest/evaluate.ts';
import { actualsAfter, forecastFold, planAfter } from '../backtest/fold.ts';
import { chooseExponents, learnLessons } from '../backtest/lessons.ts';
import { planBacktest } from '../backtest/plan.ts';
import { fitBoosted } from '../ensemble/boosted.ts';
import { CancelledError } from '../errors.ts';
import { eventVocabulary } from '../features/calendar.ts';
import { featureSchema } from '../features/schema.ts';
import { checkPanel } from '../series/check.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { describePanel } from './facts.ts';
import type { FittedBoosters } from './fitted.ts';
import { checkPlan, forecastFromOrigin } from './forecast.ts';
import { serializeForecaster } from './model-text.ts';
import { openOrigin } from './origin.ts';
import { availabilityOf, resolveOptions, type TrainSettings } from './settings.ts';
import type { Evaluation, FuturePlan, HoldOut, TrainHooks, TrainingResult, TrainOptions } from './types.ts';

/**
 * Trains a forecaster on a panel and judges it on the last days held out.
 *
 * Three models are fitted. The first sees nothing of the validation folds; on them the weights of the members, the
 * alignment and the intervals are learned. The second, fitted on everything before the hold-out, is judged on the
 * hold-out with those lessons. The third is fitted on all days, with lessons from folds and hold-out together, and is
 * the one returned. Deterministic: the same input gives the same bits.
 * @throws InvalidInputError naming the argument, CancelledError
 */
export function trainForecaster(
  panel: Panel,
  events: readonly CalendarEvent[],
  options: TrainOptions = {},
  hooks: TrainHooks = {},
): TrainingResult {
  checkPanel(panel);
  const settings = resolveOptions(options);
  checkPlan(panel, options.future, settings.horizon);
  const plan = planBacktest(panel.periodCount, settings.holdOutDays);
  const run = new TrainingRun(panel, events, settings, plan.days, hooks);

  const folds = [];
  if (plan.days > 0) {
    const first = run.fit(plan.validationOrigins[0], 0, 'Fitting the validation model');
    for (const cut of plan.validationOrigins) folds.push(forecastFold(panel, run.open(cut, first), first, plan.days));
  }
  const lessons = learnLessons(folds, chooseExponents(folds));
  let evaluation: Evaluation | null = null;
  let holdOut: HoldOut | null = null;
  let finalLessons = lessons;
  if (plan.days > 0) {
    const second = run.fit(plan.holdOutOrigin, 1, 'Fitting the model that is judged');
    const origin = run.open(plan.holdOutOrigin, second);
    const forecast = forecastFromOrigin(origin, { fitted: second, lessons }, plan.days);
    const actual = actualsAfter(panel, plan.holdOutOrigin, plan.days);
    holdOut = { forecast, actual };
    evaluation = evaluateForecast(origin.panel, origin.observed, forecast, actual, origin.dispersion);
    folds.push(forecastFold(panel, origin, second, plan.days));
    finalLessons = learnLessons(folds, chooseExponents(folds));
  }
  const fitted = run.fit(panel.periodCount, 2, 'Fitting on all days');
  const origin = openOrigin(panel, events, fitted.vocabulary, options.future ?? null, settings.horizon);
  const forecaster = { fitted, lessons: finalLessons };
  const forecast = forecastFromOrigin(origin, forecaster, settings.horizon);
  hooks.onProgress?.(100, 'Done');
  return {
    model: serializeForecaster(forecaster),
    evaluation,
    holdOut,
    facts: describePanel(origin),
    weights: finalLessons.weights,
    featureNames: featureSchema(fitted.availability).map((feature) => feature.name),
    forecast,
  };
}

/** One training's panel and settings, cut where the backtest wants them. */
class TrainingRun {
  constructor(
    private readonly panel: Panel,
    private readonly events: readonly CalendarEvent[],
    private readonly settings: TrainSettings,
    private readonly backtestDays: number,
    private readonly hooks: TrainHooks,
  ) {}

  /** Fits the boosted model on the first `cut` days. @param stage 0..2, for the progress */
  fit(cut: number, stage: number, message: string): FittedBoosters {
    const { settings, hooks } = this;
    this.report(stage, 0, message);
    const visible = truncatePanel(this.panel, cut);
    const vocabulary = eventVocabulary(this.events.filter((event) => event.day < visible.startPeriod + cut));
    const availability = availabilityOf(visible, vocabulary.length > 0, settings);
    const horizon = Math.max(settings.horizon, this.backtestDays);
    const { source } = openOrigin(visible, this.events, vocabulary, null, 0);
    const boosters = fitBoosted(
      source,
      featureSchema(availability),
      { ...settings, horizon },
      (share) => this.report(stage, share, message),
      () => hooks.isCancelled?.() ?? false,
    );
    return { boosters, availability, vocabulary, horizon: settings.horizon };
  }

  /** The state of knowledge after `cut` days, with the plans of the days after it. */
  open(cut: number, fitted: FittedBoosters) {
    const plan: FuturePlan | null = this.backtestDays > 0 ? planAfter(this.panel, cut, this.backtestDays) : null;
    return openOrigin(truncatePanel(this.panel, cut), this.events, fitted.vocabulary, plan, this.backtestDays);
  }

  private report(stage: number, share: number, message: string): void {
    if (this.hooks.isCancelled?.()) throw new CancelledError('Training was cancelled');
    this.hooks.onProgress?.(Math.floor(((stage + share * 0.95) / 3) * 100), message);
  }
}

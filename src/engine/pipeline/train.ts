import { evaluateForecast } from '../backtest/evaluate.ts';
import { actualsAfter, forecastFold, planAfter, withSharedMembers, type Fold } from '../backtest/fold.ts';
import { rankFolds } from '../backtest/board.ts';
import { learnLessons } from '../backtest/lessons.ts';
import { planBacktest } from '../backtest/plan.ts';
import { fitAggregates } from '../aggregates/forecast.ts';
import { unconstrainDemand } from '../censoring/unconstrain.ts';
import { fitBoosted } from '../ensemble/boosted.ts';
import { localMemberNames } from '../ensemble/members.ts';
import { CancelledError } from '../errors.ts';
import { featureSchema } from '../features/schema.ts';
import { checkPanel } from '../series/check.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { joinFolds, joiningMembers } from './extra-members.ts';
import { describePanel } from './facts.ts';
import type { FittedBoosters } from './fitted.ts';
import { checkPlan, forecastFromOrigin } from './forecast.ts';
import { parseFitted, serializeFitted, serializeForecaster } from './model-text.ts';
import { openOrigin } from './origin.ts';
import { prepareFit } from './prepare-fit.ts';
import { resolveOptions, type TrainSettings } from './settings.ts';
import type { Evaluation, FuturePlan, HoldOut, TrainHooks, TrainingResult, TrainOptions } from './types.ts';

/**
 * Trains a forecaster on a panel and judges it on the last periods held out.
 *
 * Three models are fitted. The first sees nothing of the validation folds; on them the weights of the members, the
 * alignment and the intervals are learned. The second, fitted on everything before the hold-out, is judged on the
 * hold-out with those lessons. The third is fitted on everything, with lessons from folds and hold-out together, and is
 * the one returned. Without a hold-out the second is left out. The same input gives the same bits.
 *
 * Extra members are weighed beside the others in every step; only the lessons stored in the model are learned without.
 * @throws InvalidInputError naming the argument, CancelledError
 */
export function trainForecaster(
  panel: Panel,
  events: readonly CalendarEvent[],
  options: TrainOptions = {},
  hooks: TrainHooks = {},
): TrainingResult {
  checkPanel(panel);
  const frequency = panel.frequency ?? 'daily';
  const settings = resolveOptions(options, frequency);
  checkPlan(panel, options.future, settings.horizon);
  const { holdOutPeriods, horizon } = settings;
  const plan = planBacktest(panel.periodCount, frequency, holdOutPeriods, horizon);
  const isHeldOut = plan.periods > 0 && holdOutPeriods > 0;
  const run = new TrainingRun(panel, events, settings, plan.periods, isHeldOut ? 3 : 2, hooks);

  // Lessons are drawn from what was in demand: days that sold out are the better ones, and must not be missing there.
  const demand = unconstrainDemand(panel);
  const extra = options.extraMembers ?? [];
  const localNames = localMemberNames(frequency);
  const folds: Fold[] = [];
  if (plan.periods > 0) {
    const first = run.fit(plan.validationOrigins[0], 0, 'Fitting the validation model');
    for (const cut of plan.validationOrigins)
      folds.push(forecastFold(demand, run.open(cut, first), first, plan.periods));
  }
  /** What the folds so far teach those who forecast after `cut` periods. */
  const learn = (cut: number) => {
    const joining = joiningMembers(extra, folds, cut);
    return { joining, lessons: learnLessons(joinFolds(withSharedMembers(folds), joining), localNames) };
  };
  let evaluation: Evaluation | null = null;
  let holdOut: HoldOut | null = null;
  if (isHeldOut) {
    const second = run.fit(plan.holdOutOrigin, 1, 'Fitting the model that is judged');
    const origin = run.open(plan.holdOutOrigin, second);
    const { joining, lessons } = learn(plan.holdOutOrigin);
    const forecast = forecastFromOrigin(origin, { fitted: second, lessons }, plan.periods, joining);
    const actual = actualsAfter(panel, plan.holdOutOrigin, plan.periods);
    holdOut = { forecast, actual };
    evaluation = evaluateForecast(origin.panel, origin.observed, forecast, actual, origin.dispersion);
    folds.push(forecastFold(demand, origin, second, plan.periods));
  }
  const fitted = run.fit(panel.periodCount, isHeldOut ? 2 : 1, 'Fitting on all periods');
  const origin = openOrigin(panel, events, fitted.vocabulary, options.future ?? null, horizon);
  const { joining, lessons } = learn(panel.periodCount);
  const forecast = forecastFromOrigin(origin, { fitted, lessons }, horizon, joining);
  const shared = withSharedMembers(folds);
  const storedLessons = joining.length > 0 ? learnLessons(shared, localNames) : lessons;
  hooks.onProgress?.(100, 'Done');
  return {
    model: serializeForecaster({ fitted, lessons: storedLessons }),
    evaluation,
    holdOut,
    facts: describePanel(origin, panel),
    weights: lessons.weights,
    leaderboard: folds.length > 0 ? rankFolds(joinFolds(shared, joining), lessons) : [],
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
    private readonly backtestPeriods: number,
    private readonly stages: number,
    private readonly hooks: TrainHooks,
  ) {}

  /** Fits the boosted models on the first `cut` periods, or takes the fit of an earlier call. @param stage from 0, for the progress */
  fit(cut: number, stage: number, message: string): FittedBoosters {
    const { settings, hooks } = this;
    this.report(stage, 0, message);
    const name = `first-${cut}-periods`;
    const known = hooks.fitted?.get(name);
    if (known !== undefined) return parseFitted(known);
    const { availability, vocabulary, origin, schema } = prepareFit(this.panel, this.events, settings, cut);
    const horizon = Math.max(settings.horizon, this.backtestPeriods);
    const pooled = fitBoosted(
      origin.source,
      schema,
      { ...settings, horizon },
      (share) => this.report(stage, share, message),
      () => hooks.isCancelled?.() ?? false,
    );
    const aggregateBoosters = fitAggregates(origin.aggregates, {
      horizon,
      seed: settings.seed,
      trees: settings.aggregateTrees,
      threads: settings.threads,
    });
    const fitted = { ...pooled, aggregateBoosters, availability, vocabulary, horizon: settings.horizon };
    hooks.onFitted?.(name, serializeFitted(fitted));
    return fitted;
  }

  /** The state of knowledge after `cut` periods, with the plans of those after it. */
  open(cut: number, fitted: FittedBoosters) {
    const { panel, events, backtestPeriods } = this;
    const plan: FuturePlan | null = backtestPeriods > 0 ? planAfter(panel, cut, backtestPeriods) : null;
    return openOrigin(truncatePanel(panel, cut), events, fitted.vocabulary, plan, backtestPeriods);
  }

  private report(stage: number, share: number, message: string): void {
    if (this.hooks.isCancelled?.()) throw new CancelledError('Training was cancelled');
    this.hooks.onProgress?.(Math.floor(((stage + share * 0.9) / this.stages) * 100), message);
  }
}

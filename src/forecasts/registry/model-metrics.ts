import type {
  Accuracy,
  DatasetFacts,
  Evaluation,
  HorizonAccuracy,
  LeaderboardScore,
  MemberAccuracy,
  TrainingResult,
} from '../../engine/index.ts';
import type { ChampionComparison, GateVerdict } from './gate.ts';

/** What the registry keeps of a model's judgement. Rates are shares, but for MAPE, which is in percent. */
export interface ModelMetrics {
  /** Null where the history was too short to hold days out. */
  readonly evaluation: {
    readonly holdOutStartDay: number;
    readonly holdOutDays: number;
    readonly ensemble: Accuracy;
    readonly members: readonly MemberAccuracy[];
    readonly byHorizon: readonly HorizonAccuracy[];
    readonly seasonalNaiveWape: number | null;
    readonly productTotals: Accuracy;
  } | null;
  readonly facts: DatasetFacts;
  readonly featureNames: readonly string[];
  /** Scores over all folds and segments; absent of models from before it was kept. */
  readonly leaderboard?: readonly LeaderboardScore[];
  readonly gate: GateVerdict;
  readonly championComparison: ChampionComparison | null;
}

/** A training's findings without the arrays by series, which are kept day by day beside the hold-out's forecasts. */
export function metricsOf(
  training: Pick<TrainingResult, 'evaluation' | 'facts' | 'featureNames' | 'leaderboard'>,
  gate: GateVerdict,
  championComparison: ChampionComparison | null,
): ModelMetrics {
  return {
    evaluation: training.evaluation && withoutSeries(training.evaluation),
    facts: training.facts,
    featureNames: training.featureNames,
    leaderboard: training.leaderboard.filter(({ fold }) => fold === null),
    gate,
    championComparison,
  };
}

function withoutSeries(evaluation: Evaluation): ModelMetrics['evaluation'] {
  const { holdOutStart, holdOutPeriods, ensemble, members, byHorizon, seasonalNaiveWape, productTotals } = evaluation;
  return {
    holdOutStartDay: holdOutStart,
    holdOutDays: holdOutPeriods,
    ensemble,
    members,
    byHorizon,
    seasonalNaiveWape,
    productTotals,
  };
}

import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { IfPresent, PageQuery } from '../../platform/http/index.ts';
import { type Accuracy, MAX_HORIZON } from '../../engine/index.ts';
import { DEFAULT_HOLD_OUT_DAYS, DEFAULT_HORIZON_DAYS, DEFAULT_SEED } from '../requests.ts';
import { DEPLOYMENTS, type Deployment } from '../pipeline/training-workflow.ts';
import type { ChampionComparison } from './gate.ts';
import { MODEL_STAGES } from './registry.service.ts';
import type { ModelStage, ModelVersion } from './registry.service.ts';

/** How to train; every field has a default. */
export class TrainModelDto {
  /** Seed of every random choice: the same data, seed and settings give the same model. */
  @ApiProperty({ required: false, default: DEFAULT_SEED })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(2 ** 31 - 1)
  seed?: number;

  @ApiProperty({ required: false, minimum: 1, maximum: MAX_HORIZON, default: DEFAULT_HORIZON_DAYS })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(MAX_HORIZON)
  horizon_days?: number;

  /** Last days of the history on which the model is judged. */
  @ApiProperty({ required: false, minimum: 7, maximum: 180, default: DEFAULT_HOLD_OUT_DAYS })
  @IfPresent()
  @IsInt()
  @Min(7)
  @Max(180)
  hold_out_days?: number;

  /** How much computing to spend. */
  @ApiProperty({ required: false, enum: ['quick', 'standard', 'thorough'], default: 'standard' })
  @IfPresent()
  @IsIn(['quick', 'standard', 'thorough'])
  budget?: 'quick' | 'standard' | 'thorough';

  /**
   * How a model that passes the gate comes into use: at once, or by a rollout beside the champion. With `none` it is an
   * experiment: judged, kept to be looked at, and never deployed.
   */
  @ApiProperty({ required: false, enum: DEPLOYMENTS, default: 'immediate' })
  @IfPresent()
  @IsIn(DEPLOYMENTS)
  deploy?: Deployment;
}

/** One condition a model had to meet to become the champion. */
export class GateCheckDto {
  @ApiProperty() name: string;
  @ApiProperty({ type: Number, nullable: true }) value: number | null;
  @ApiProperty() requirement: string;
  @ApiProperty() passed: boolean;
}

/** A model beside the champion of its time, over the days both held out. */
export class ChampionComparisonDto {
  @ApiProperty({ type: String, nullable: true }) champion_version: string | null;
  @ApiProperty() candidate_wape: number;
  @ApiProperty() champion_wape: number;
  /** Candidate less champion: below 0 where the candidate is better. */
  @ApiProperty() wape_delta: number;
  /** Series by whose absolute errors are smaller; null of models from before they were counted. */
  @ApiProperty({ type: 'integer', nullable: true }) series_better: number | null;
  @ApiProperty({ type: 'integer', nullable: true }) series_worse: number | null;
  @ApiProperty({ type: 'integer', nullable: true }) series_equal: number | null;
}

/** Which versions to list. */
export class ModelsQuery extends PageQuery {
  @ApiProperty({ required: false, enum: MODEL_STAGES })
  @IfPresent()
  @IsIn(MODEL_STAGES)
  stage?: ModelStage;
}

/** A version of the model. */
export class ModelDto {
  @ApiProperty({ example: '2025-09-30-1a2b3c4d' }) version: string;
  @ApiProperty({ enum: MODEL_STAGES }) stage: ModelStage;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  /** First and last day of sales the model was trained on. */
  @ApiProperty({ format: 'date' }) train_start: string;
  @ApiProperty({ format: 'date' }) train_end: string;
  @ApiProperty() horizon_days: number;
  @ApiProperty() hold_out_days: number;
  @ApiProperty() seed: number;
  @ApiProperty() budget: string;
  /** SHA-256 of the data the model has seen. */
  @ApiProperty() data_hash: string;
  /** Folder in the object store of the features it learned from, and one hash of all of them. */
  @ApiProperty({ type: String, nullable: true }) features_uri: string | null;
  @ApiProperty({ type: String, nullable: true }) features_hash: string | null;
  @ApiProperty() code_version: string;
  @ApiProperty() artefact_key: string;
  @ApiProperty() artefact_sha256: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) job_id: string | null;
  /** Whether the model passed the gate; the first one is the champion whatever the verdict. */
  @ApiProperty() gate_passed: boolean;
  /** Accuracy on the days held out; null where the history was too short. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) metrics: Record<string, unknown> | null;
}

/** A version of the model with all that was found out about it. */
export class ModelDetailDto extends ModelDto {
  @ApiProperty({ type: [GateCheckDto] }) gate: GateCheckDto[];
  /** This model and the champion of its time over the days both held out; null where there was nothing to compare. */
  @ApiProperty({ type: ChampionComparisonDto, nullable: true }) champion_comparison: ChampionComparisonDto | null;
  /** Why it may or may not forecast. */
  @ApiProperty() decision: string;
  /** Accuracy of each member of the ensemble alone. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  members: Record<string, unknown>[];
  /** Members and ensemble on the rolling-origin folds, best first: what the weights were chosen by. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  leaderboard: Record<string, unknown>[];
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  by_horizon: Record<string, unknown>[];
  /** Accuracy of the sums over the locations of each product. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  product_totals: Record<string, unknown> | null;
  /** Weights of the members by segment of series; each segment's add up to 1. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  weights: Record<string, unknown>[];
  /** What the data looked like. */
  @ApiProperty({ type: 'object', additionalProperties: true }) facts: Record<string, unknown>;
  @ApiProperty({ type: [String] }) feature_names: string[];
  /** Category names by the code the model knows them under. */
  @ApiProperty({ type: [String] }) categories: string[];
}

/** One page of models, newest first. */
export class ModelPageDto {
  @ApiProperty({ type: [ModelDto] }) items: ModelDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

function accuracyOf(accuracy: Accuracy): Record<string, unknown> {
  const { mapeZeroCount, pinballByLevel, ...rest } = accuracy;
  return { ...rest, mape_zero_actuals: mapeZeroCount, pinball_by_level: pinballByLevel };
}

/** Presents a version in a list. */
export function modelDto(model: ModelVersion): ModelDto {
  const { evaluation, gate } = model.metrics;
  return {
    version: model.version,
    stage: model.stage,
    created_at: model.createdAt.toISOString(),
    train_start: model.trainStart,
    train_end: model.trainEnd,
    horizon_days: model.parameters.horizonDays,
    hold_out_days: model.parameters.holdOutDays,
    seed: model.seed,
    budget: model.parameters.budget,
    data_hash: model.dataHash,
    features_uri: model.featuresUri,
    features_hash: model.featuresHash,
    code_version: model.codeVersion,
    artefact_key: model.artefactKey,
    artefact_sha256: model.artefactSha256,
    job_id: model.jobId,
    gate_passed: gate.passed,
    metrics: evaluation && {
      ...accuracyOf(evaluation.ensemble),
      seasonal_naive_wape: evaluation.seasonalNaiveWape,
    },
  };
}

function comparisonDto(comparison: ChampionComparison): ChampionComparisonDto {
  const { candidateWape, championWape, championVersion, seriesBetter, seriesWorse, seriesEqual } = comparison;
  return {
    champion_version: championVersion ?? null,
    candidate_wape: candidateWape,
    champion_wape: championWape,
    wape_delta: candidateWape - championWape,
    series_better: seriesBetter ?? null,
    series_worse: seriesWorse ?? null,
    series_equal: seriesEqual ?? null,
  };
}

/** One sentence from stage and gate. */
function decisionOf({ stage, metrics: { gate } }: ModelVersion): string {
  const failed = gate.checks.filter(({ passed }) => !passed);
  const shown = failed.map(
    ({ name, value, requirement }) => `${name} is ${value ?? 'unknown'}, wanted: ${requirement}`,
  );
  const verdict = gate.passed ? 'It passed every check of the gate' : `It failed the gate: ${shown.join('; ')}`;
  if (stage === 'experiment') return `${verdict}. It is an experiment and is not deployed.`;
  if (stage === 'champion' && !gate.passed) return `${verdict}. It forecasts because there was no other model.`;
  return `${verdict}.`;
}

/** Presents a version with everything. */
export function modelDetailDto(model: ModelVersion): ModelDetailDto {
  const { evaluation, gate, championComparison, facts, featureNames, leaderboard } = model.metrics;
  return {
    ...modelDto(model),
    gate: [...gate.checks],
    champion_comparison: championComparison && comparisonDto(championComparison),
    decision: decisionOf(model),
    members: (evaluation?.members ?? []).map(({ name, accuracy }) => ({ name, ...accuracyOf(accuracy) })),
    leaderboard: (leaderboard ?? []).map((score) => ({ ...score })),
    by_horizon: (evaluation?.byHorizon ?? []).map(({ from, to, accuracy }) => ({
      from_day: from,
      to_day: to,
      ...accuracyOf(accuracy),
    })),
    product_totals: evaluation && accuracyOf(evaluation.productTotals),
    weights: model.weights.map(({ segment, members, weights }) => ({ segment, members, weights })),
    facts: {
      series_count: facts.seriesCount,
      day_count: facts.periodCount,
      total_units: facts.totalUnits,
      zero_share: facts.zeroShare,
      stockout_days: facts.stockoutDays,
      demand_classes: facts.demandClasses,
      sufficiency: facts.sufficiency,
    },
    feature_names: [...featureNames],
    categories: [...model.parameters.categories],
  };
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource, EntityManager } from 'typeorm';
import type { SegmentWeights } from '../../engine/index.ts';
import { NotFoundError } from '../../platform/http/index.ts';
import type { ChampionComparison, Incomparable } from './gate.ts';
import type { ModelMetrics } from './model-metrics.ts';

/**
 * A candidate is being judged; an experiment was trained to be looked at and is never deployed; a failed one did not pass the gate; a registered one did and may be deployed; the champion
 * forecasts; an archived model was the champion once.
 */
export const MODEL_STAGES = ['candidate', 'experiment', 'failed', 'registered', 'champion', 'archived'] as const;
export type ModelStage = (typeof MODEL_STAGES)[number];

/** Settings a model was trained with. */
export interface ModelParameters {
  readonly horizonDays: number;
  readonly holdOutDays: number;
  readonly budget: string;
  /** Category names by the code the model knows them under. */
  readonly categories: readonly string[];
}

/** What the registry takes of a trained model. */
export interface NewModel {
  readonly version: string;
  readonly artefactKey: string;
  readonly artefactSha256: string;
  readonly dataHash: string;
  /** Folder of the features it learned from, in the object store, and the hash of all of them. */
  readonly featuresUri: string | null;
  readonly featuresHash: string | null;
  readonly codeVersion: string;
  readonly parameters: ModelParameters;
  readonly seed: number;
  readonly trainStart: string;
  readonly trainEnd: string;
  readonly metrics: ModelMetrics;
  readonly weights: readonly SegmentWeights[];
  readonly jobId: string;
}

/** A model version as the registry keeps it. */
export interface ModelVersion extends NewModel {
  readonly id: number;
  readonly stage: ModelStage;
  readonly createdAt: Date;
}

const COLUMNS = `id, version, stage, artefact_key AS "artefactKey", artefact_sha256 AS "artefactSha256",
  data_hash AS "dataHash", features_uri AS "featuresUri", features_hash AS "featuresHash",
  code_version AS "codeVersion", parameters, seed, train_start AS "trainStart",
  train_end AS "trainEnd", metrics, weights, job_id AS "jobId", created_at AS "createdAt"`;

/** Share of a candidate's held-out days that the champion must have held out too for the two to be compared. */
const LEAST_COMMON_SHARE = 0.5;

/** Versions of the model. Writes run on the connection of the caller's transaction. */
@Injectable()
export class RegistryService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The model that forecasts; null before the first training. */
  async champion(): Promise<ModelVersion | null> {
    const [model] = await this.dataSource.query<ModelVersion[]>(
      `SELECT ${COLUMNS} FROM model_versions WHERE stage = 'champion'`,
    );
    return model ?? null;
  }

  /** Whether a version is the champion, as the caller's transaction sees it. */
  async isChampion(client: Client, id: number): Promise<boolean> {
    const { rows } = await client.query(`SELECT 1 FROM model_versions WHERE id = $1 AND stage = 'champion'`, [id]);
    return rows.length > 0;
  }

  /** @throws NotFoundError */
  async byId(id: number): Promise<ModelVersion> {
    const [model] = await this.dataSource.query<ModelVersion[]>(`SELECT ${COLUMNS} FROM model_versions WHERE id = $1`, [
      id,
    ]);
    if (!model) throw new NotFoundError('Model version');
    return model;
  }

  /** @throws NotFoundError */
  async byVersion(version: string): Promise<ModelVersion> {
    const [model] = await this.dataSource.query<ModelVersion[]>(
      `SELECT ${COLUMNS} FROM model_versions WHERE version = $1`,
      [version],
    );
    if (!model) throw new NotFoundError('Model version');
    return model;
  }

  /** At most `limit + 1` versions, newest first, from below the id `before`. @param stage only these; all if undefined */
  list(limit: number, before: number | null, stage?: ModelStage): Promise<ModelVersion[]> {
    return this.dataSource.query<ModelVersion[]>(
      `SELECT ${COLUMNS} FROM model_versions
       WHERE ($1::int IS NULL OR id < $1) AND ($3::text IS NULL OR stage = $3) ORDER BY id DESC LIMIT $2`,
      [before, limit + 1, stage ?? null],
    );
  }

  /** Enters a model, or finds the one of the same version: the version names its content. */
  async register(client: Client, model: NewModel): Promise<{ id: number; created: boolean }> {
    const inserted = await client.query<{ id: number }>(
      `INSERT INTO model_versions (version, stage, artefact_key, artefact_sha256, data_hash, code_version, parameters,
         seed, train_start, train_end, metrics, weights, job_id, features_uri, features_hash)
       VALUES ($1, 'candidate', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
       ON CONFLICT (version) DO NOTHING RETURNING id`,
      [
        model.version,
        model.artefactKey,
        model.artefactSha256,
        model.dataHash,
        model.codeVersion,
        JSON.stringify(model.parameters),
        model.seed,
        model.trainStart,
        model.trainEnd,
        JSON.stringify(model.metrics),
        JSON.stringify(model.weights),
        model.jobId,
        model.featuresUri,
        model.featuresHash,
      ],
    );
    if (inserted.rows.length) return { id: inserted.rows[0].id, created: true };
    const { rows } = await client.query<{ id: number; artefactSha256: string }>(
      `SELECT id, artefact_sha256 AS "artefactSha256" FROM model_versions WHERE version = $1`,
      [model.version],
    );
    if (rows[0].artefactSha256 !== model.artefactSha256)
      throw new Error(`Two different models share the version ${model.version}`);
    return { id: rows[0].id, created: false };
  }

  /**
   * Candidate and champion over the (series, day) pairs that both held out, or why there is nothing to compare: no other
   * champion, or fewer pairs than half of the candidate's.
   */
  async compareWithChampion(client: Client, candidate: number): Promise<ChampionComparison | Incomparable> {
    const { rows: champions } = await client.query<{ id: number; version: string }>(
      `SELECT id, version FROM model_versions WHERE stage = 'champion'`,
    );
    if (!champions.length) return 'no_champion';
    const [champion] = champions;
    if (champion.id === candidate) return 'is_champion';
    const { rows } = await client.query<
      Omit<Required<ChampionComparison>, 'championVersion' | 'candidateWape' | 'championWape'> & {
        readonly common: number;
        readonly own: number;
        readonly candidateWape: number | null;
        readonly championWape: number | null;
      }
    >(
      `WITH series AS (
         SELECT count(b.mean) AS common, count(*) AS own, sum(a.actual) FILTER (WHERE b.mean IS NOT NULL) AS units,
           sum(abs(a.actual - a.mean)) FILTER (WHERE b.mean IS NOT NULL) AS error, sum(abs(a.actual - b.mean)) AS other
         FROM holdout_forecasts a
         LEFT JOIN holdout_forecasts b
           ON b.product = a.product AND b.location = a.location AND b.date = a.date AND b.model = $2
         WHERE a.model = $1 AND a.location > 0
         GROUP BY a.product, a.location)
       SELECT sum(common)::float8 AS common, sum(own)::float8 AS own,
         sum(error) / nullif(sum(units), 0) AS "candidateWape", sum(other) / nullif(sum(units), 0) AS "championWape",
         (count(*) FILTER (WHERE error < other))::int AS "seriesBetter",
         (count(*) FILTER (WHERE error > other))::int AS "seriesWorse",
         (count(*) FILTER (WHERE error = other))::int AS "seriesEqual"
       FROM series`,
      [candidate, champion.id],
    );
    const [{ common, own, candidateWape, championWape, ...series }] = rows;
    if (candidateWape === null || championWape === null || common < own * LEAST_COMMON_SHARE) return 'too_few_days';
    return { candidateWape, championWape, championVersion: champion.version, ...series };
  }

  /** States what the judgement of a model found. */
  async recordMetrics(client: Client, id: number, metrics: ModelMetrics): Promise<void> {
    await client.query('UPDATE model_versions SET metrics = $2 WHERE id = $1', [id, JSON.stringify(metrics)]);
  }

  /** A candidate did not pass the gate; a model that forecasts or did is left as it is. */
  async markFailed(manager: EntityManager, id: number): Promise<void> {
    await manager.query(
      `UPDATE model_versions SET stage = 'failed' WHERE id = $1 AND stage IN ('candidate', 'experiment')`,
      [id],
    );
  }

  /** A candidate was trained to be looked at; one that is known already keeps its stage. */
  async markExperiment(manager: EntityManager, id: number): Promise<void> {
    await manager.query(`UPDATE model_versions SET stage = 'experiment' WHERE id = $1 AND stage = 'candidate'`, [id]);
  }

  /** A candidate passed the gate and may be deployed. */
  async markRegistered(manager: EntityManager, id: number): Promise<void> {
    await manager.query(
      `UPDATE model_versions SET stage = 'registered' WHERE id = $1 AND stage IN ('candidate', 'experiment', 'failed')`,
      [id],
    );
  }

  /** Makes a model the champion; the one before is archived. */
  async promote(client: Client, id: number): Promise<void> {
    await client.query(`UPDATE model_versions SET stage = 'archived' WHERE stage = 'champion' AND id <> $1`, [id]);
    await client.query(`UPDATE model_versions SET stage = 'champion' WHERE id = $1`, [id]);
  }
}

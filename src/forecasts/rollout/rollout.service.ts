import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource, EntityManager } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { AuditTrail } from '../../platform/audit/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { isUniqueViolation } from '../../platform/database/index.ts';
import { ConflictError, NotFoundError } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { SalesService } from '../../sales/index.ts';
import { ModelArtefacts } from '../registry/model-artefacts.ts';
import { ModelStage, ModelVersion, RegistryService } from '../registry/registry.service.ts';
import { DEFAULT_HORIZON_DAYS, ForecastRequests, LongWork } from '../requests.ts';
import { Publication } from '../training/publication.ts';
import { publishRun } from '../training/publish-run.ts';
import { DEPLOYABLE, NotDeployableError } from './deployable.ts';
import { decide, Decision, LiveMeasures, nextStage } from './decision.ts';
import { liveMeasures } from './live-measures.ts';
import { datesBehind, giveBack, pointTo } from './pointers.ts';
import {
  activeRollout,
  eventsOf,
  insertRollout,
  listRollouts,
  moveRollout,
  queryOf,
  queryOfManager,
  rolloutById,
  rowOf,
  RolloutEventRow,
  RolloutRow,
} from './rollout.store.ts';
import { inShare } from './share.ts';

/** How a version comes to forecast. */
export const STRATEGIES = ['immediate', 'canary', 'shadow'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** How a version goes on beside the champion: as a rollout, or as an experiment that keeps its share. */
export type Course = 'canary' | 'shadow' | { readonly name: string | null; readonly share: number };

/** A candidate may miss so many dates that the champion has forecast from. */
const MOST_DATES_BEHIND = 1;
/**
 * Brings versions of the model into use: at once, or by stages on a growing share of the products, judged on the days
 * that come in, with the way back at every point. Each step is one transaction that points series at another run, so no
 * reader ever sees half of it.
 */
@Injectable()
export class RolloutService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly registry: RegistryService,
    private readonly artefacts: ModelArtefacts,
    private readonly publication: Publication,
    private readonly catalogue: CatalogueService,
    private readonly sales: SalesService,
    private readonly requests: ForecastRequests,
    private readonly alerts: AlertsService,
    private readonly audit: AuditTrail,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * Makes a version the champion at once. Its last forecasts are current from that moment, the old champion's where it
   * has none, until it has forecast from the latest sales.
   * @returns the job that does
   * @throws NotFoundError, ConflictError, NotDeployableError
   */
  async switchTo(version: string, actor: string, action: 'model.promoted' | 'model.rolled_back'): Promise<LongWork> {
    const before = await this.registry.champion();
    const model = await this.registry.byVersion(version);
    if (!DEPLOYABLE.includes(model.stage)) throw new NotDeployableError(model);
    await this.artefacts.check(model);
    await this.publication.change(async (client, manager) => {
      const underWay = await activeRollout(queryOf(client), true);
      if (underWay && action === 'model.promoted')
        throw new ConflictError(
          `${underWay.kind === 'rollout' ? 'A rollout' : 'An experiment'} is under way; end it first`,
        );
      // Who goes back is in a hurry: what is tried out ends with it.
      if (underWay) await this.end(client, underWay, 'aborted', actor, `Back to model ${version}`, null);
      await this.requireUnchanged(client, model, before);
      await this.registry.promote(client, model.id);
      await pointTo(client, model.id);
      await this.record(manager, actor, action, version, before?.version ?? null);
    });
    return this.requests.refreshAll(model.parameters.horizonDays);
  }

  /**
   * Starts a rollout: the version forecasts beside the champion, unseen, and in a canary for a share of the products as
   * soon as it has. An experiment then keeps its share until it is stopped.
   * @throws NotFoundError, ConflictError when one is under way, NotDeployableError
   */
  async start(version: string, strategy: Course, actor: string): Promise<RolloutRow> {
    const champion = await this.registry.champion();
    const model = await this.registry.byVersion(version);
    if (!DEPLOYABLE.includes(model.stage)) throw new NotDeployableError(model);
    if (!champion) throw new ConflictError('There is no champion to compare with; promote the version immediately');
    const isExperiment = typeof strategy === 'object';
    await this.artefacts.check(model);
    const id = await this.publication
      .change(async (client, manager) => {
        await this.requireUnchanged(client, model, champion);
        const rollout = await this.enter(client, model.id, champion.id, strategy, actor);
        const action = isExperiment ? 'experiment.started' : 'rollout.started';
        await this.record(manager, actor, action, version, champion.version);
        return rollout;
      })
      .catch((error: unknown) => {
        if (isUniqueViolation(error, 'rollouts_one_under_way'))
          throw new ConflictError('A rollout or an experiment is under way; end it first');
        throw error;
      });
    await this.requests.forecastCandidate(model.id, model.parameters.horizonDays);
    return rowOf(queryOfManager(this.dataSource.manager), id);
  }

  /**
   * Begins the rollout of a model that was just trained and has its forecasts written: part of the caller's transaction.
   * One under way ends, for what was trained later knows more.
   * @returns the rollout's public id
   */
  async startTrained(
    client: Client,
    candidate: { readonly id: number; readonly version: string },
    champion: number,
    strategy: 'canary' | 'shadow',
    actor: string,
  ): Promise<string> {
    const before = await activeRollout(queryOf(client), true);
    if (before) await this.end(client, before, 'aborted', 'system', `Model ${candidate.version} takes its place`, null);
    await this.enter(client, candidate.id, champion, strategy, actor);
    const rollout = (await activeRollout(queryOf(client), true)) as RolloutRow;
    if (strategy === 'canary') await this.toNextStage(client, rollout, actor, 'The candidate has forecast', null);
    return rollout.rolloutId;
  }

  /** Rollouts or experiments, latest first. */
  list(kind: RolloutRow['kind'], before: number | null, limit: number): Promise<RolloutRow[]> {
    return listRollouts(queryOfManager(this.dataSource.manager), kind, before, limit);
  }

  /** @throws NotFoundError */
  async get(
    rolloutId: string,
    kind: RolloutRow['kind'] = 'rollout',
  ): Promise<{ rollout: RolloutRow; events: RolloutEventRow[] }> {
    const query = queryOfManager(this.dataSource.manager);
    const rollout = await rolloutById(query, rolloutId);
    if (rollout?.kind !== kind) throw new NotFoundError(kind === 'rollout' ? 'Rollout' : 'Experiment');
    return { rollout, events: await eventsOf(query, rollout.id) };
  }

  /**
   * To the next stage without waiting for days to judge.
   * @param fromPercent share of the products it is expected to leave; not looked at if undefined
   * @throws NotFoundError, ConflictError when it has ended or stands at another stage
   */
  advance(rolloutId: string, actor: string, fromPercent: number | undefined): Promise<RolloutRow> {
    return this.changeActive(rolloutId, 'rollout', actor, 'rollout.advanced', async (client, rollout) => {
      const percent = Math.round(rollout.share * 100);
      if (fromPercent !== undefined && fromPercent !== percent)
        throw new ConflictError(`The rollout stands at ${percent} % and not at ${fromPercent} %`);
      await this.toNextStage(client, rollout, actor, 'Asked for', null);
    });
  }

  /** Ends a rollout; the champion forecasts everything again. @throws NotFoundError, ConflictError when it has ended */
  async abort(rolloutId: string, actor: string): Promise<RolloutRow> {
    const ended = await this.changeActive(rolloutId, 'rollout', actor, 'rollout.aborted', (client, rollout) =>
      this.end(client, rollout, 'aborted', actor, 'Asked for', null),
    );
    // The champion's forecasts of what it gets back may be older than the latest sales.
    await this.requests.refreshAll(DEFAULT_HORIZON_DAYS);
    return ended;
  }

  /** Ends an experiment; the champion forecasts everything again. @throws NotFoundError, ConflictError when it has ended */
  async stop(experimentId: string, actor: string): Promise<RolloutRow> {
    const ended = await this.changeActive(
      experimentId,
      'experiment',
      actor,
      'experiment.stopped',
      (client, experiment) => this.end(client, experiment, 'stopped', actor, 'Asked for', null),
    );
    await this.requests.refreshAll(DEFAULT_HORIZON_DAYS);
    return ended;
  }

  /**
   * Judges the rollout under way on the days that have come in and goes on, waits, or takes it back.
   * @returns what was decided; null where none is under way
   */
  async review(): Promise<(Decision & { rollout_id: string }) | null> {
    const decided = await this.publication.change(async (client) => {
      const rollout = await activeRollout(queryOf(client), true);
      if (!rollout) return null;
      const products = rollout.share > 0 ? await this.membersOf(rollout) : null;
      const measures = await liveMeasures(queryOf(client), rollout, rollout.stageSince, products);
      const decision = decide(measures, this.config.rollout);
      // An experiment keeps its share however well it does; one that does harm is ended like a rollout.
      if (decision.action === 'advance' && rollout.kind === 'experiment')
        return { action: 'wait', reason: decision.reason, rollout_id: rollout.rolloutId } as const;
      if (decision.action === 'advance') await this.toNextStage(client, rollout, 'system', decision.reason, measures);
      if (decision.action === 'roll_back') await this.takeBack(client, rollout, decision.reason, measures);
      return { ...decision, rollout_id: rollout.rolloutId };
    });
    if (decided?.action === 'roll_back') await this.requests.refreshAll(DEFAULT_HORIZON_DAYS);
    return decided;
  }

  /**
   * Takes a candidate back that has not forecast while the champion did, twice: it cannot, or nobody lets it. To be
   * called when the champion has forecast everything.
   */
  async takeBackSilent(): Promise<void> {
    await this.publication.change(async (client) => {
      const rollout = await activeRollout(queryOf(client), true);
      if (!rollout) return;
      const behind = await datesBehind(client, rollout.candidate, rollout.champion);
      if (behind > MOST_DATES_BEHIND)
        await this.takeBack(client, rollout, `It has not forecast from the last ${behind} business dates`, null);
    });
  }

  /**
   * Lets a run of a candidate that was just written be current for its share of the products; a canary that had to wait
   * for it begins. Part of the caller's transaction.
   */
  async candidateForecast(client: Client, candidate: number, run: number): Promise<void> {
    const rollout = await activeRollout(queryOf(client), true);
    if (rollout?.candidate !== candidate) return;
    if (rollout.share > 0) await publishRun(client, run, { products: await this.membersOf(rollout) });
    else if (
      rollout.kind === 'experiment' ||
      (await eventsOf(queryOf(client), rollout.id)).at(-1)?.reason === CANARY_ASKED
    )
      await this.toNextStage(client, rollout, rollout.startedBy, 'The candidate has forecast', null);
  }

  /** Products that the champion must leave alone, as the caller's transaction sees it. */
  async leftToCandidate(client: Client): Promise<number[]> {
    const rollout = await activeRollout(queryOf(client), true);
    return rollout && rollout.share > 0 ? this.membersOf(rollout) : [];
  }

  /** Ends the rollout under way since a new model becomes the champion; part of the caller's transaction. */
  async supersede(client: Client, version: string): Promise<void> {
    const rollout = await activeRollout(queryOf(client), true);
    if (!rollout) return;
    const to = { state: 'aborted', share: 0, stageSince: rollout.stageSince } as const;
    const reason = `Model ${version} has become the champion`;
    await moveRollout(queryOf(client), rollout.id, to, { actor: 'system', action: 'aborted', reason });
  }

  /** Lets the candidate of the rollout under way forecast from the latest sales; null where none is. */
  async refreshCandidate(horizonDays: number = DEFAULT_HORIZON_DAYS): Promise<LongWork | null> {
    const rollout = await activeRollout(queryOfManager(this.dataSource.manager));
    return rollout ? this.requests.forecastCandidate(rollout.candidate, horizonDays) : null;
  }

  /** Enters a rollout that nobody sees yet. */
  private async enter(
    client: Client,
    candidate: number,
    champion: number,
    strategy: Course,
    actor: string,
  ): Promise<number> {
    const query = queryOf(client);
    const stageSince = await this.businessDate();
    const experiment = typeof strategy === 'object' ? strategy : undefined;
    const id = await insertRollout(query, { candidate, champion, stageSince, startedBy: actor, experiment });
    const reason = experiment
      ? 'Waits for its forecasts'
      : strategy === 'canary'
        ? CANARY_ASKED
        : 'Shadow was asked for';
    await moveRollout(query, id, { state: 'shadow', share: 0, stageSince }, { actor, action: 'started', reason });
    return id;
  }

  /** Looks again, now that nobody else can change it: the champion is the one known, the model may be deployed. */
  private async requireUnchanged(client: Client, model: ModelVersion, champion: ModelVersion | null): Promise<void> {
    const { rows } = await client.query<{ id: number; stage: ModelStage }>(
      `SELECT id, stage FROM model_versions WHERE stage = 'champion' OR id = $1`,
      [model.id],
    );
    if (rows.find(({ stage }) => stage === 'champion')?.id !== champion?.id)
      throw new ConflictError('Another version has become the champion meanwhile');
    const stage = rows.find(({ id }) => id === model.id)?.stage ?? model.stage;
    if (!DEPLOYABLE.includes(stage)) throw new NotDeployableError({ ...model, stage });
  }

  private async takeBack(
    client: Client,
    rollout: RolloutRow,
    reason: string,
    measures: LiveMeasures | null,
  ): Promise<void> {
    await this.end(client, rollout, 'rolled_back', 'system', reason, measures);
    await this.alerts.raise(
      {
        kind: 'model.rolled_back',
        severity: 'critical',
        subject: `Model ${rollout.candidateVersion} was taken back: ${reason}`,
        detail: { rollout_id: rollout.rolloutId, model_version: rollout.candidateVersion, measures },
        dedupeKey: `model.rolled_back:${rollout.rolloutId}`,
      },
      (sql, parameters) => client.query(sql, parameters),
    );
  }

  private async toNextStage(
    client: Client,
    rollout: RolloutRow,
    actor: string,
    reason: string,
    measures: LiveMeasures | null,
  ): Promise<void> {
    const { rows } = await client.query('SELECT 1 FROM forecast_runs WHERE model = $1 LIMIT 1', [rollout.candidate]);
    if (!rows.length) throw new ConflictError('The candidate has not forecast yet');
    const { stage, share } =
      rollout.targetShare === null
        ? nextStage(rollout.share)
        : ({ stage: 'testing', share: rollout.targetShare } as const);
    const to = { state: stage, share, stageSince: await this.businessDate() };
    await moveRollout(queryOf(client), rollout.id, to, { actor, action: 'advanced', reason, measures });
    if (stage === 'completed') {
      await this.registry.promote(client, rollout.candidate);
      await pointTo(client, rollout.candidate);
      return;
    }
    await pointTo(client, rollout.candidate, await this.membersOf({ ...rollout, share }));
  }

  private async end(
    client: Client,
    rollout: RolloutRow,
    state: 'rolled_back' | 'aborted' | 'stopped',
    actor: string,
    reason: string,
    measures: LiveMeasures | null,
  ): Promise<void> {
    const to = { state, share: 0, stageSince: rollout.stageSince };
    await moveRollout(queryOf(client), rollout.id, to, { actor, action: state, reason, measures });
    await giveBack(client, rollout.candidate, rollout.champion);
  }

  private async changeActive(
    rolloutId: string,
    kind: RolloutRow['kind'],
    actor: string,
    action: string,
    work: (client: Client, rollout: RolloutRow) => Promise<void>,
  ): Promise<RolloutRow> {
    const { rollout: known } = await this.get(rolloutId, kind);
    await this.publication.change(async (client, manager) => {
      const rollout = await activeRollout(queryOf(client), true);
      if (rollout?.id !== known.id) throw new ConflictError(`The ${kind} has ended`);
      await work(client, rollout);
      await this.record(manager, actor, action, rollout.candidateVersion, rollout.championVersion);
    });
    return (await this.get(rolloutId, kind)).rollout;
  }

  /** Products that the candidate forecasts at a share. */
  async membersOf({ rolloutId, share }: Pick<RolloutRow, 'rolloutId' | 'share'>): Promise<number[]> {
    const products = await this.catalogue.allLiveProducts();
    return products.filter(({ sku }) => inShare(rolloutId, sku, share)).map(({ id }) => id);
  }

  private async businessDate(): Promise<string> {
    const date = await this.sales.businessDate();
    if (date === null) throw new ConflictError('Nothing was sold yet');
    return date;
  }

  private record(
    manager: EntityManager,
    actor: string,
    action: string,
    version: string,
    champion: string | null,
  ): Promise<void> {
    return this.audit.record({ actor, action, entity: 'model', entityId: version, before: { champion } }, manager);
  }
}

/** Reason of a start that goes on to a canary by itself. */
const CANARY_ASKED = 'Canary was asked for';

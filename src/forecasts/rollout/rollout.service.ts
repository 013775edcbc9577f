import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource, EntityManager } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { AuditTrail } from '../../platform/audit/index.ts';
import { isUniqueViolation } from '../../platform/database/index.ts';
import { AppError, ConflictError, NotFoundError } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { SalesService } from '../../sales/index.ts';
import { ModelVersion, RegistryService } from '../registry/registry.service.ts';
import { DEFAULT_HORIZON_DAYS, ForecastRequests, LongWork } from '../requests.ts';
import { Publication } from '../training/publication.ts';
import { publishRun } from '../training/publish-run.ts';
import { decide, Decision, LiveMeasures, nextStage } from './decision.ts';
import { liveMeasures } from './live-measures.ts';
import { giveBack, pointTo } from './pointers.ts';
import {
  activeRollout,
  eventsOf,
  insertRollout,
  listRollouts,
  moveRollout,
  queryOf,
  queryOfManager,
  rolloutById,
  RolloutEventRow,
  RolloutRow,
} from './rollout.store.ts';
import { inShare } from './share.ts';

/** How a version comes to forecast. */
export const STRATEGIES = ['immediate', 'canary', 'shadow'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** Whether a model may forecast for others to see. */
const DEPLOYABLE = ['registered', 'archived'];

/** 409: this version must not be deployed. */
class NotDeployableError extends AppError {
  constructor({ version, stage }: ModelVersion) {
    super(409, 'MODEL_NOT_DEPLOYABLE', `Model ${version} is ${stage === 'champion' ? 'the champion already' : stage}`);
  }
}

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
    private readonly publication: Publication,
    private readonly catalogue: CatalogueService,
    private readonly sales: SalesService,
    private readonly requests: ForecastRequests,
    private readonly alerts: AlertsService,
    private readonly audit: AuditTrail,
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
    await this.publication.change(async (client, manager) => {
      if (await activeRollout(queryOf(client), true)) throw new ConflictError('A rollout is under way; end it first');
      const { rows } = await client.query<{ id: number }>(`SELECT id FROM model_versions WHERE stage = 'champion'`);
      if (rows[0]?.id !== before?.id) throw new ConflictError('Another version has become the champion meanwhile');
      await this.registry.promote(client, model.id);
      await pointTo(client, model.id);
      await this.record(manager, actor, action, version, before?.version ?? null);
    });
    return this.requests.refreshAll(model.parameters.horizonDays);
  }

  /**
   * Starts a rollout: the version forecasts beside the champion, unseen, and in a canary for a share of the products as
   * soon as it has.
   * @throws NotFoundError, ConflictError when one is under way, NotDeployableError
   */
  async start(version: string, strategy: 'canary' | 'shadow', actor: string): Promise<RolloutRow> {
    const champion = await this.registry.champion();
    const model = await this.registry.byVersion(version);
    if (!DEPLOYABLE.includes(model.stage)) throw new NotDeployableError(model);
    if (!champion) throw new ConflictError('There is no champion to compare with; promote the version immediately');
    const stageSince = await this.businessDate();
    const id = await this.publication
      .change(async (client, manager) => {
        const query = queryOf(client);
        const rollout = await insertRollout(query, {
          candidate: model.id,
          champion: champion.id,
          stageSince,
          startedBy: actor,
        });
        const to = { state: 'shadow', share: 0, stageSince } as const;
        const reason = strategy === 'canary' ? CANARY_ASKED : 'Shadow was asked for';
        await moveRollout(query, rollout, to, { actor, action: 'started', reason });
        await this.record(manager, actor, 'rollout.started', version, champion.version);
        return rollout;
      })
      .catch((error: unknown) => {
        if (isUniqueViolation(error, 'rollouts_one_under_way'))
          throw new ConflictError('A rollout is under way; end it first');
        throw error;
      });
    await this.requests.forecastCandidate(model.id, model.parameters.horizonDays);
    return this.rowOf(id);
  }

  /** Rollouts, latest first. */
  list(before: number | null, limit: number): Promise<RolloutRow[]> {
    return listRollouts(queryOfManager(this.dataSource.manager), before, limit);
  }

  /** @throws NotFoundError */
  async get(rolloutId: string): Promise<{ rollout: RolloutRow; events: RolloutEventRow[] }> {
    const query = queryOfManager(this.dataSource.manager);
    const rollout = await rolloutById(query, rolloutId);
    if (!rollout) throw new NotFoundError('Rollout');
    return { rollout, events: await eventsOf(query, rollout.id) };
  }

  /** To the next stage without waiting for days to judge. @throws NotFoundError, ConflictError when it has ended */
  advance(rolloutId: string, actor: string): Promise<RolloutRow> {
    return this.changeActive(rolloutId, actor, 'rollout.advanced', (client, rollout) =>
      this.toNextStage(client, rollout, actor, 'Asked for', null),
    );
  }

  /** Ends a rollout; the champion forecasts everything again. @throws NotFoundError, ConflictError when it has ended */
  abort(rolloutId: string, actor: string): Promise<RolloutRow> {
    return this.changeActive(rolloutId, actor, 'rollout.aborted', (client, rollout) =>
      this.end(client, rollout, 'aborted', actor, 'Asked for', null),
    );
  }

  /**
   * Judges the rollout under way on the days that have come in and goes on, waits, or takes it back.
   * @returns what was decided; null where none is under way
   */
  async review(): Promise<(Decision & { rollout_id: string }) | null> {
    return this.publication.change(async (client) => {
      const rollout = await activeRollout(queryOf(client), true);
      if (!rollout) return null;
      const products = rollout.share > 0 ? await this.membersOf(rollout) : null;
      const measures = await liveMeasures(queryOf(client), rollout, rollout.stageSince, products);
      const decision = decide(measures);
      if (decision.action === 'advance') await this.toNextStage(client, rollout, 'system', decision.reason, measures);
      if (decision.action === 'roll_back') {
        await this.end(client, rollout, 'rolled_back', 'system', decision.reason, measures);
        await this.alerts.raise(
          {
            kind: 'model.rolled_back',
            severity: 'critical',
            subject: `Model ${rollout.candidateVersion} was taken back: ${decision.reason}`,
            detail: { rollout_id: rollout.rolloutId, model_version: rollout.candidateVersion, measures },
            dedupeKey: `model.rolled_back:${rollout.rolloutId}`,
          },
          (sql, parameters) => client.query(sql, parameters),
        );
      }
      return { ...decision, rollout_id: rollout.rolloutId };
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
    else if ((await eventsOf(queryOf(client), rollout.id)).at(-1)?.reason === CANARY_ASKED)
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

  private async toNextStage(
    client: Client,
    rollout: RolloutRow,
    actor: string,
    reason: string,
    measures: LiveMeasures | null,
  ): Promise<void> {
    const { stage, share } = nextStage(rollout.share);
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
    state: 'rolled_back' | 'aborted',
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
    actor: string,
    action: string,
    work: (client: Client, rollout: RolloutRow) => Promise<void>,
  ): Promise<RolloutRow> {
    const { rollout: known } = await this.get(rolloutId);
    await this.publication.change(async (client, manager) => {
      const rollout = await activeRollout(queryOf(client), true);
      if (rollout?.id !== known.id) throw new ConflictError('The rollout has ended');
      await work(client, rollout);
      await this.record(manager, actor, action, rollout.candidateVersion, rollout.championVersion);
    });
    return this.rowOf(known.id);
  }

  private async membersOf({ rolloutId, share }: Pick<RolloutRow, 'rolloutId' | 'share'>): Promise<number[]> {
    const products = await this.catalogue.allLiveProducts();
    return products.filter(({ sku }) => inShare(rolloutId, sku, share)).map(({ id }) => id);
  }

  private async businessDate(): Promise<string> {
    const date = await this.sales.businessDate();
    if (date === null) throw new ConflictError('Nothing was sold yet');
    return date;
  }

  private async rowOf(id: number): Promise<RolloutRow> {
    const rows = await listRollouts(queryOfManager(this.dataSource.manager), id + 1, 1);
    return rows[0];
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

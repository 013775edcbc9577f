import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Job, JobsService, NewJob } from '../platform/queue/index.ts';
import { StartedRun, WorkflowsService } from '../platform/workflow/index.ts';
import { SalesService } from '../sales/index.ts';
import { NoSalesError } from './no-sales.error.ts';
import { TRAINING, TrainingInput } from './pipeline/training-workflow.ts';
import { RegistryService } from './registry/registry.service.ts';

/** Days ahead, days held out and seed where a request names none. */
export const DEFAULT_HORIZON_DAYS = 28;
export const DEFAULT_HOLD_OUT_DAYS = 30;
export const DEFAULT_SEED = 1;

/** What a generation job is told: internal ids; a list left out does not narrow. */
export interface GenerationScope {
  readonly products?: readonly number[];
  readonly category?: string;
  readonly locations?: readonly number[];
  readonly horizonDays: number;
  /** A version that is not the champion, beside whose forecasts it writes its own; the champion if absent. */
  readonly candidate?: number;
}

function distinct(ids: readonly number[] | undefined): number[] | undefined {
  return ids && [...new Set(ids)].sort((a, b) => a - b);
}

/** The same scope in one writing, whatever order and repetitions the request had. */
export function canonicalScope({
  products,
  category,
  locations,
  horizonDays,
  candidate,
}: GenerationScope): GenerationScope {
  return {
    ...(products ? { products: distinct(products) } : {}),
    ...(category === undefined ? {} : { category }),
    ...(locations ? { locations: distinct(locations) } : {}),
    horizonDays,
    ...(candidate === undefined ? {} : { candidate }),
  };
}

/** Equal for requests that ask for the same work. */
export function dedupeKey(kind: string, request: TrainingInput | GenerationScope): string {
  return `${kind}:${createHash('sha256').update(JSON.stringify(request)).digest('hex')}`;
}

function trainingInput(request: Partial<TrainingInput>): TrainingInput {
  return {
    seed: request.seed ?? DEFAULT_SEED,
    horizonDays: request.horizonDays ?? DEFAULT_HORIZON_DAYS,
    holdOutDays: request.holdOutDays ?? DEFAULT_HOLD_OUT_DAYS,
    budget: request.budget ?? 'standard',
    deploy: request.deploy ?? 'immediate',
  };
}

function generationJob(scope: GenerationScope, createdBy?: string): NewJob {
  const payload = canonicalScope(scope);
  const kind = 'forecast-generation';
  return { kind, payload: { ...payload }, dedupeKey: dedupeKey(kind, payload), createdBy };
}

/** Work that was taken on: a job or a run of a workflow. */
export interface LongWork {
  readonly id: string;
}

/** Turns requests into jobs and runs; the same request while one is unfinished joins it. */
@Injectable()
export class ForecastRequests {
  constructor(
    private readonly jobs: JobsService,
    private readonly workflows: WorkflowsService,
    private readonly sales: SalesService,
    private readonly registry: RegistryService,
  ) {}

  /** @throws NoSalesError when there is nothing to learn from */
  async train(request: Partial<TrainingInput>, createdBy?: string): Promise<LongWork> {
    await this.requireSales();
    const input = trainingInput(request);
    return this.workflows.start(TRAINING, input, { dedupeKey: dedupeKey(TRAINING.name, input), createdBy });
  }

  /**
   * Forecasts with the champion; before the first model it trains one, which forecasts everything.
   * @throws NoSalesError when there is nothing to forecast from
   */
  async generate(scope: GenerationScope, createdBy?: string): Promise<LongWork> {
    await this.requireSales();
    if (!(await this.registry.champion())) return this.train({ horizonDays: scope.horizonDays }, createdBy);
    return this.jobs.enqueue(generationJob(scope, createdBy));
  }

  /**
   * The work of {@link train} or, once there is a model, of {@link generate} inside a transaction; wake it afterwards. Null
   * where nothing was ever sold.
   */
  async create(manager: EntityManager, work: 'train' | 'generate'): Promise<StartedRun | Job | null> {
    if ((await this.sales.businessDate()) === null) return null;
    if (work === 'generate' && (await this.registry.champion()))
      return this.jobs.create(manager, generationJob({ horizonDays: DEFAULT_HORIZON_DAYS }));
    const input = trainingInput({});
    return this.workflows.create(manager, TRAINING, input, { dedupeKey: dedupeKey(TRAINING.name, input) });
  }

  /** Forecasts everything with a version that is not the champion, for its rollout. */
  forecastCandidate(candidate: number, horizonDays: number): Promise<LongWork> {
    return this.jobs.enqueue(generationJob({ horizonDays, candidate }));
  }

  /** Looks at the rollout under way. */
  reviewRollout(): Promise<LongWork> {
    return this.jobs.enqueue({ kind: 'rollout-review', payload: {}, dedupeKey: 'rollout-review' });
  }

  /** Forecasts everything anew from the latest sales. */
  refreshAll(horizonDays: number): Promise<LongWork> {
    return this.generate({ horizonDays });
  }

  private async requireSales(): Promise<void> {
    if ((await this.sales.businessDate()) === null) throw new NoSalesError();
  }
}

import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Job, JobsService, NewJob } from '../platform/queue/index.ts';
import { StartedRun, WorkflowsService } from '../platform/workflow/index.ts';
import { SalesService } from '../sales/index.ts';
import { BatchInput, FORECAST_BATCH } from './batch/batch-workflow.ts';
import { NoSalesError } from './no-sales.error.ts';
import { TRAINING, TrainingInput } from './pipeline/training-workflow.ts';
import { RegistryService } from './registry/registry.service.ts';

/** Days ahead, days held out and seed where a request names none. */
export const DEFAULT_HORIZON_DAYS = 28;
/** Whole weeks ahead that are forecast as such. */
export const WEEKS_AHEAD = 8;
export const DEFAULT_HOLD_OUT_DAYS = 30;
export const DEFAULT_SEED = 1;
/** Days a version must have learned from for its signals to be measured by the clock: three horizons for each half of them. */
const FEWEST_MEASURED_DAYS = 6 * DEFAULT_HORIZON_DAYS;

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
export function dedupeKey(kind: string, request: object): string {
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

/** Whether a scope is everything there is, by the champion. */
function isEverything({ products, category, locations, candidate }: GenerationScope): boolean {
  return [products, category, locations, candidate].every((narrowed) => narrowed === undefined);
}

function generationJob(scope: GenerationScope, createdBy?: string): NewJob {
  const payload = canonicalScope(scope);
  const kind = 'forecast-generation';
  return { kind, payload: { ...payload }, dedupeKey: dedupeKey(kind, payload), createdBy };
}

function ablationJob(model: number): NewJob {
  return { kind: 'signal-ablation', payload: { model }, dedupeKey: `signal-ablation:${model}` };
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
   * Forecasts with the champion, everything in a batch; before the first model it trains one, which forecasts everything.
   * @throws NoSalesError when there is nothing to forecast from
   */
  async generate(scope: GenerationScope, createdBy?: string): Promise<LongWork> {
    if (isEverything(scope)) return this.batch({ grain: 'day', periods: scope.horizonDays }, createdBy);
    await this.requireSales();
    if (!(await this.registry.champion())) return this.train({ horizonDays: scope.horizonDays }, createdBy);
    return this.jobs.enqueue(generationJob(scope, createdBy));
  }

  /**
   * Forecasts everything with the champion; before the first model it trains one, which forecasts the days.
   * @throws NoSalesError when there is nothing to forecast from
   */
  async batch(input: BatchInput, createdBy?: string): Promise<LongWork> {
    await this.requireSales();
    const dedupeKey = await this.batchKey(input);
    if (dedupeKey === null) return this.train(input.grain === 'day' ? { horizonDays: input.periods } : {}, createdBy);
    return this.workflows.start(FORECAST_BATCH, input, { dedupeKey, createdBy });
  }

  /**
   * The work of {@link train} or, where a batch is named and there is a model, of {@link batch} inside a transaction; wake it
   * afterwards. Null where nothing was ever sold.
   */
  async create(manager: EntityManager, work: 'train' | BatchInput): Promise<StartedRun | null> {
    if ((await this.sales.businessDate()) === null) return null;
    const batchKey = work === 'train' ? null : await this.batchKey(work);
    if (work !== 'train' && batchKey !== null)
      return this.workflows.create(manager, FORECAST_BATCH, work, { dedupeKey: batchKey });
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

  /** Measures what each group of signals gains on the history a version learned from. */
  measureSignals(model: number, createdBy?: string): Promise<LongWork> {
    return this.jobs.enqueue({ ...ablationJob(model), createdBy });
  }

  /**
   * The same of the champion inside a transaction, if it was not done yet and has seen enough for origins to compare at; wake it
   * afterwards. Null where there is nothing to do.
   */
  async createMeasuring(manager: EntityManager): Promise<Job | null> {
    const [due] = await manager.query<{ id: number }[]>(
      `SELECT id FROM model_versions AS m WHERE stage = 'champion' AND train_end - train_start >= $1
         AND NOT EXISTS (SELECT FROM signal_gains WHERE model = m.id)`,
      [FEWEST_MEASURED_DAYS],
    );
    return due ? this.jobs.create(manager, ablationJob(due.id)) : null;
  }

  /** Forecasts everything anew from the latest sales. */
  refreshAll(horizonDays: number): Promise<LongWork> {
    return this.generate({ horizonDays });
  }

  /** Equal for batches by the same model from the same sales: only such join each other. Null without a model. */
  private async batchKey(input: BatchInput): Promise<string | null> {
    const champion = await this.registry.champion();
    if (!champion) return null;
    return dedupeKey(FORECAST_BATCH.name, { ...input, version: champion.version, sales: await this.sales.dataHash() });
  }

  private async requireSales(): Promise<void> {
    if ((await this.sales.businessDate()) === null) throw new NoSalesError();
  }
}

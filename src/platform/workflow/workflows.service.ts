import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { AlertsService } from '../alerts/index.ts';
import { ConflictError, correlationId, NotFoundError } from '../http/index.ts';
import { JobsService } from '../queue/index.ts';
import type { Job } from '../queue/index.ts';
import { isUniqueViolation } from '../database/index.ts';
import { advanceRun } from './advance.ts';
import type { Workflow } from './definition.ts';
import type { Json } from './plan.ts';
import { findRun, findUnfinished, insertRun, openJobs, requestCancel, RunRow } from './run.store.ts';
import { listRuns, RunFilter, RunView, viewRuns } from './run.view.ts';

export interface StartOptions {
  /** While an unfinished run has the same key, a new request joins it. */
  readonly dedupeKey?: string;
  readonly createdBy?: string;
}

/** A run and the jobs to wake once the transaction that started it has committed. */
export interface StartedRun {
  readonly run: RunRow;
  readonly due: readonly Job[];
}

/** Starts, finds, cancels and restarts runs of workflows. */
@Injectable()
export class WorkflowsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobsService,
    private readonly alerts: AlertsService,
  ) {}

  /** Starts a run, or joins the unfinished one of the same key, and wakes the workers of its first steps. */
  async start(workflow: Workflow, input: Json, options: StartOptions = {}): Promise<RunRow> {
    const started = await this.dataSource.transaction((manager) => this.create(manager, workflow, input, options));
    await this.wake(started.due);
    return started.run;
  }

  /** Writes a run inside the caller's transaction; call {@link wake} with what is due after the commit. */
  async create(
    manager: EntityManager,
    workflow: Workflow,
    input: Json,
    { dedupeKey, createdBy }: StartOptions = {},
  ): Promise<StartedRun> {
    const run = {
      ...workflow,
      input,
      dedupeKey: dedupeKey ?? null,
      createdBy: createdBy ?? null,
      correlationId: correlationId(),
    };
    for (;;) {
      const id = await insertRun(manager, run);
      if (id) {
        const due = await this.advanceWithin(manager, id);
        return { run: (await findRun(manager, id)) as RunRow, due };
      }
      const existing = await findUnfinished(manager, run.dedupeKey as string);
      // Between the refusal and the look-up the other run may have ended: then there is room for a new one.
      if (existing) return { run: existing, due: [] };
    }
  }

  /** Wakes the workers of what {@link create} made due. */
  wake(due: readonly Job[]): Promise<void> {
    return this.jobs.wakeAll(due);
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<RunRow> {
    const run = await findRun(this.dataSource.manager, id);
    if (!run) throw new NotFoundError('Workflow run');
    return run;
  }

  /** When the latest run of a workflow that succeeded was started; null if there is none. */
  async lastSuccess(name: string): Promise<Date | null> {
    const [row] = await this.dataSource.query<{ created_at: Date }[]>(
      `SELECT created_at FROM workflow_runs WHERE name = $1 AND state = 'succeeded' ORDER BY sequence DESC LIMIT 1`,
      [name],
    );
    return row?.created_at ?? null;
  }

  /** A run with how far it is. */
  async view(run: RunRow): Promise<RunView> {
    const [view] = await viewRuns(this.dataSource.manager, [run]);
    return view;
  }

  /** Runs with how far they are, latest first. */
  async list(filter: RunFilter): Promise<RunView[]> {
    return viewRuns(this.dataSource.manager, await listRuns(this.dataSource.manager, filter));
  }

  /**
   * Ends a run: nothing more of it starts, queued jobs end at once and running ones when their workers next look. A run
   * that has ended stays as it is.
   * @throws NotFoundError
   */
  async cancel(id: string): Promise<RunRow> {
    // Committed by itself, so that no step that succeeds from now on starts another.
    if (await requestCancel(this.dataSource.manager, id)) await this.stopJobs(id);
    return this.get(id);
  }

  /** Cancels the open jobs of a run that is to end. */
  async stopJobs(id: string): Promise<void> {
    for (const job of await openJobs(this.dataSource.manager, id)) await this.jobs.cancel(job);
    await this.advance(id);
  }

  /**
   * Tries the failed shards of a failed run again, from where it stood.
   * @throws NotFoundError; ConflictError when the run has not failed, or when another of its key is under way
   */
  async retry(id: string): Promise<RunRow> {
    const run = await this.get(id);
    if (run.state !== 'failed') throw new ConflictError(`The run is ${run.state}, not failed`);
    const other = run.dedupe_key && (await findUnfinished(this.dataSource.manager, run.dedupe_key));
    if (other) throw new ConflictError(`Run ${other.id} does the same and is under way`);
    const failed = await this.dataSource.query<{ job_id: string }[]>(
      `SELECT job_id FROM workflow_steps WHERE run_id = $1 AND state = 'failed' AND job_id IS NOT NULL`,
      [id],
    );
    const due = await this.dataSource
      .transaction(async (manager) => {
        const again = await this.jobs.requeue(
          manager,
          failed.map((row) => row.job_id),
        );
        await this.advanceWithin(manager, id);
        return again;
      })
      .catch((error: unknown) => {
        // The look above may be too early for a run that starts at the same time.
        throw isUniqueViolation(error, 'workflow_runs_unfinished_dedupe')
          ? new ConflictError('A run that does the same has just started')
          : error;
      });
    await this.wake(due);
    return this.get(id);
  }

  /** Lets the runs go on whose jobs were put back. */
  async reopen(jobs: readonly Job[]): Promise<void> {
    const runs = await this.dataSource.query<{ run_id: string }[]>(
      `SELECT DISTINCT run_id FROM workflow_steps WHERE job_id = ANY ($1)`,
      [jobs.map(({ id }) => id)],
    );
    for (const run of runs) await this.advance(run.run_id);
  }

  /** Brings a run up to what its jobs say inside the caller's transaction; call {@link wake} after the commit. */
  advanceWithin(manager: EntityManager, id: string): Promise<Job[]> {
    return advanceRun(manager, { jobs: this.jobs, alerts: this.alerts }, id);
  }

  /** Brings a run up to what its jobs say. */
  async advance(id: string): Promise<void> {
    await this.wake(await this.dataSource.transaction((manager) => this.advanceWithin(manager, id)));
  }
}

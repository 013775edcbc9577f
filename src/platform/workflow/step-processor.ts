import { Inject } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { AppError } from '../http/index.ts';
import { JobContext, JobProcessor, QueueName } from '../queue/index.ts';
import type { Job } from '../queue/index.ts';
import type { StepPayload } from './advance.ts';
import { ancestorsOf } from './definition.ts';
import { Json, shardsOf, ShardStatus } from './plan.ts';
import { findRun, RunRow } from './run.store.ts';
import { WorkflowsService } from './workflows.service.ts';

/** What a step works with: all that a job has, and its place in the run. */
export interface StepContext<Input> extends Omit<JobContext<unknown>, 'payload'> {
  readonly kind: QueueName;
  readonly runId: string;
  readonly workflow: string;
  readonly step: string;
  /** What the run was started with. */
  readonly input: Input;
  /** Which of the step's shards this is; a step without shards is shard 0 of 1 without descriptor. */
  readonly shard: { readonly index: number; readonly count: number; readonly descriptor: Json | null };
  /** Outputs of an earlier step that this one depends on, by shard; empty where it was skipped. */
  outputs<Output extends Json = Json>(step: string): readonly Output[];
}

/** What a step returns. */
export interface StepResult<Output extends Json = Json> {
  /** Small: names of objects, counts, measures. Data itself belongs into the object store or a table. */
  readonly output: Output;
  /** One descriptor for each shard of the steps that take theirs from this one. */
  readonly shards?: readonly Json[];
  /** Nothing that depends on this step shall run; the run succeeds, with this as its outcome. */
  readonly skipRest?: string;
}

/**
 * Base of the processors of a workflow's steps. What `perform` returns is stored with the success of the step's job in
 * one transaction, which also creates the jobs of the steps that have become due. `context.onSuccess` adds to it.
 */
export abstract class StepProcessor<Input = Json, Output extends Json = Json> extends JobProcessor<StepPayload> {
  @Inject(WorkflowsService) private readonly workflowRuns: WorkflowsService;

  protected constructor(private readonly stepsDataSource: DataSource) {
    super(stepsDataSource);
  }

  protected abstract perform(context: StepContext<Input>): Promise<StepResult<Output>>;

  protected async handle(context: JobContext<StepPayload>): Promise<Record<string, unknown>> {
    const { run_id: runId, step, shard } = context.payload;
    const { manager } = this.stepsDataSource;
    const run = await findRun(manager, runId);
    const rows = run ? await enterStep(manager, context) : [];
    const own = rows.find((row) => row.step === step && row.shard === shard);
    if (!run || !own) throw new AppError(404, 'RUN_GONE', 'The run of this step does not exist any more');
    const result = await this.perform({
      ...context,
      runId,
      workflow: run.name,
      step,
      input: run.input as Input,
      shard: { index: shard, count: shardsOf(rows, step).length, descriptor: own.descriptor },
      outputs: <T extends Json>(name: string) => outputsOf(run, rows, step, name) as readonly T[],
    });
    return { ...result };
  }

  protected override ending(manager: EntityManager, job: Job): Promise<Job[]> {
    return this.workflowRuns.advanceWithin(manager, (job.payload as unknown as StepPayload).run_id);
  }
}

type Shard = Pick<ShardStatus, 'step' | 'shard' | 'state' | 'output'> & { readonly descriptor: Json | null };

/** Shows the step as running and reads what is known of the run. */
async function enterStep(manager: EntityManager, { id, attempt, payload }: JobContext<StepPayload>): Promise<Shard[]> {
  await manager.query(
    `UPDATE workflow_steps AS s SET state = 'running' FROM jobs AS j
     WHERE s.job_id = $1 AND j.id = s.job_id AND j.attempt = $2 AND j.state = 'running'`,
    [id, attempt],
  );
  return manager.query<Shard[]>(`SELECT step, shard, state, output, descriptor FROM workflow_steps WHERE run_id = $1`, [
    payload.run_id,
  ]);
}

function outputsOf(run: RunRow, rows: readonly Shard[], step: string, wanted: string): readonly Json[] {
  if (!ancestorsOf(run.shape, step).has(wanted))
    throw new Error(`Workflow ${run.name}: step ${step} does not depend on ${wanted}`);
  return shardsOf(rows, wanted).flatMap(({ state, output }) => (state === 'succeeded' && output ? [output] : []));
}

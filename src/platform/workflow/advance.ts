import type { EntityManager } from 'typeorm';
import type { AlertsService } from '../alerts/index.ts';
import type { Job, JobsService } from '../queue/index.ts';
import { planRun } from './plan.ts';
import { lockRun, readSteps, skipSteps, startShard, writeRunState } from './run.store.ts';

/** Payload of the job of a step: where it belongs. */
export interface StepPayload {
  readonly run_id: string;
  readonly step: string;
  readonly shard: number;
}

/** What moving a run on needs. */
export interface Tools {
  readonly jobs: JobsService;
  readonly alerts: AlertsService;
}

/**
 * Brings a run up to what the jobs of its steps say: starts what has become due and writes how the run stands. May be
 * called at any time and any number of times, inside the transaction that ended a job or by itself.
 * @returns jobs to wake after the commit
 */
export async function advanceRun(manager: EntityManager, { jobs, alerts }: Tools, runId: string): Promise<Job[]> {
  const run = await lockRun(manager, runId);
  if (!run || run.state === 'succeeded' || run.state === 'cancelled') return [];
  const plan = planRun(run.shape, await readSteps(manager, runId), run.cancel_requested);
  const due: Job[] = [];
  for (const { step, shards } of plan.starts) {
    for (const [shard, descriptor] of shards.entries()) {
      const payload: StepPayload = { run_id: runId, step: step.step, shard };
      const job = await jobs.create(manager, {
        kind: step.queue,
        payload: { ...payload },
        createdBy: run.created_by ?? undefined,
        correlationId: run.correlation_id,
      });
      await startShard(manager, { runId, step: step.step, shard, descriptor, jobId: job.id });
      due.push(job);
    }
  }
  await skipSteps(manager, runId, plan.skips);
  await writeRunState(manager, runId, plan);
  const sql = (text: string, parameters: unknown[]) => manager.query(text, parameters);
  const matter = `workflow.failed:${run.name}`;
  if (plan.state === 'succeeded') await alerts.settle(matter, sql);
  if (plan.state === 'failed' && run.state === 'running')
    await alerts.raise(
      {
        kind: 'workflow.failed',
        severity: 'critical',
        subject: `A run of the workflow ${run.name} failed`,
        detail: { run_id: runId, error: plan.error },
        dedupeKey: matter,
      },
      sql,
    );
  return due;
}

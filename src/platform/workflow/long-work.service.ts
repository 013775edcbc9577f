import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.ts';
import { NotFoundError } from '../http/index.ts';
import { JobDto, JobsService } from '../queue/index.ts';
import type { RunRow } from './run.store.ts';
import type { RunView } from './run.view.ts';
import { WorkflowsService } from './workflows.service.ts';

/** A run as the answer about any long work shows it. */
function jobOfRun({ run, percent, step, message }: RunView): JobDto {
  return {
    id: run.id,
    kind: run.name,
    state: run.state,
    progress: { percent, step, message },
    result: run.result,
    error: run.error && { code: run.error.code, message: run.error.message },
    created_at: run.created_at.toISOString(),
    started_at: run.created_at.toISOString(),
    finished_at: run.finished_at?.toISOString() ?? null,
  };
}

/** Long work, whether one job does it or a run of a workflow: whoever asked for it need not know. */
@Injectable()
export class LongWorkService {
  constructor(
    private readonly jobs: JobsService,
    private readonly workflows: WorkflowsService,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws NotFoundError */
  async get(id: string): Promise<JobDto> {
    const run = await this.run(id);
    return run ? jobOfRun(await this.workflows.view(run)) : JobDto.of(await this.jobs.get(id));
  }

  /** Asks for the end of the work; what has ended stays as it is. @throws NotFoundError */
  async cancel(id: string, actor: string): Promise<JobDto> {
    const before = await this.get(id);
    if (await this.run(id)) await this.workflows.cancel(id);
    else await this.jobs.cancel(id);
    const after = await this.get(id);
    if (before.state === 'queued' || before.state === 'running') {
      const entry = { actor, action: 'job.cancelled', entity: 'job', entityId: id };
      const state = (job: JobDto) => ({ kind: job.kind, state: job.state });
      await this.audit.record({ ...entry, before: state(before), after: state(after) });
    }
    return after;
  }

  private async run(id: string): Promise<RunRow | null> {
    try {
      return await this.workflows.get(id);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }
}

import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.ts';
import { idCursor, Page, toPage } from '../http/index.ts';
import { WorkflowsService } from '../workflow/index.ts';
import type { RunView } from '../workflow/index.ts';
import type { WorkflowQuery } from './workflow.dto.ts';

/** What administrators see of the runs of workflows and do to them; each act leaves an entry in the audit trail. */
@Injectable()
export class WorkflowAdministration {
  constructor(
    private readonly workflows: WorkflowsService,
    private readonly audit: AuditTrail,
  ) {}

  /** Runs, latest first. */
  async list<T>({ name, state, cursor, limit }: WorkflowQuery, present: (view: RunView) => T): Promise<Page<T>> {
    const before = idCursor(cursor);
    const views = await this.workflows.list({ name, state, before, limit: limit + 1 });
    return toPage(views, limit, ({ run }) => [run.sequence], present);
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<RunView> {
    return this.workflows.view(await this.workflows.get(id));
  }

  /** Ends a run; one that has ended stays as it is. @throws NotFoundError */
  async cancel(id: string, actor: string): Promise<RunView> {
    const before = await this.workflows.get(id);
    const after = await this.workflows.cancel(id);
    if (before.state === 'running') await this.record(id, 'workflow.cancelled', actor, before.state, after.state);
    return this.workflows.view(after);
  }

  /** Tries the failed shards of a failed run again. @throws NotFoundError, ConflictError */
  async retry(id: string, actor: string): Promise<RunView> {
    const after = await this.workflows.retry(id);
    await this.record(id, 'workflow.retried', actor, 'failed', after.state);
    return this.workflows.view(after);
  }

  private record(id: string, action: string, actor: string, before: string, after: string): Promise<void> {
    const entry = { actor, action, entity: 'workflow', entityId: id };
    return this.audit.record({ ...entry, before: { state: before }, after: { state: after } });
  }
}

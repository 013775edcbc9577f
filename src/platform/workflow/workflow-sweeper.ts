import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { WorkflowsService } from './workflows.service.ts';

const SWEEP_MS = 5_000;

/** Moves on the runs whose jobs ended, were cancelled or were put back otherwise than by the processor of their step. */
@Injectable()
export class WorkflowSweeper {
  private readonly logger = new Logger(WorkflowSweeper.name);
  private sweeping = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly workflows: WorkflowsService,
  ) {}

  @Interval(SWEEP_MS)
  async tick(): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    try {
      await this.sweep();
    } catch (error) {
      this.logger.warn(`Sweep of workflows failed: ${(error as Error).message}`);
    } finally {
      this.sweeping = false;
    }
  }

  /** One sweep; answers how many runs it looked after. */
  async sweep(): Promise<number> {
    const stopping = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM workflow_runs WHERE state = 'running' AND cancel_requested LIMIT 100`,
    );
    for (const { id } of stopping) await this.attempt(id, () => this.workflows.stopJobs(id));
    // Runs that failed long ago are not looked at: a job of theirs that was put back moves them on when it ends.
    const stale = await this.dataSource.query<{ id: string }[]>(
      `SELECT r.id FROM workflow_runs AS r
       WHERE NOT r.cancel_requested AND (
         (r.state = 'running' AND NOT EXISTS (
           SELECT 1 FROM workflow_steps AS s JOIN jobs AS j ON j.id = s.job_id
           WHERE s.run_id = r.id AND j.state IN ('queued', 'running')))
         OR (r.state = 'failed' AND r.finished_at > now() - interval '1 day' AND EXISTS (
           SELECT 1 FROM workflow_steps AS s JOIN jobs AS j ON j.id = s.job_id
           WHERE s.run_id = r.id AND j.state <> s.state)))
       LIMIT 100`,
    );
    for (const { id } of stale) await this.attempt(id, () => this.workflows.advance(id));
    return stopping.length + stale.length;
  }

  /** One run that cannot be moved on must not keep the others waiting. */
  private async attempt(id: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.warn(`Run ${id} could not be moved on: ${(error as Error).message}`);
    }
  }
}

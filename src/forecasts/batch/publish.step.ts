import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests } from '../requests.ts';
import { RolloutService } from '../rollout/rollout.service.ts';
import { Publication } from '../training/publication.ts';
import { publishRun } from '../training/publish-run.ts';
import type { BatchInput, BatchReport, CollectedOutput, ForecastOutput } from './batch-workflow.ts';
import { publishWeeklyRun } from './weekly-store.ts';

/** Makes what was written the current forecasts, all at once. */
@Injectable()
@QueueProcessor('batch-publish')
export class PublishStep extends StepProcessor<BatchInput, BatchReport> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly registry: RegistryService,
    private readonly publication: Publication,
    private readonly rollouts: RolloutService,
    private readonly requests: ForecastRequests,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<BatchInput>): Promise<StepResult<BatchReport>> {
    const [collected] = context.outputs<CollectedOutput>('collect');
    const [{ run, report }] = context.outputs<ForecastOutput>('forecast');
    const { grain, periods } = context.input;
    const published = await this.publication.publish(context, async (client) => {
      if (!(await this.registry.isChampion(client, collected.modelId))) return false;
      return grain === 'week' ? publishWeeklyRun(client, run) : this.publishDays(client, run, collected);
    });
    if (!published) {
      // What was forecast meanwhile may be some series only: the others are owed a forecast by the same model and sales.
      const refresh = await this.requests.batch(context.input);
      return { output: { ...report, generation_job_id: refresh.id } };
    }
    if (grain === 'week') return { output: report };
    // What came in since the last time judges the rollout once both versions have forecast from it.
    await this.rollouts.takeBackSilent();
    await this.rollouts.refreshCandidate(periods);
    return { output: report };
  }

  /** False where later sales were forecast meanwhile, or the same day's again. */
  private async publishDays(client: Client, run: number, { businessDate }: CollectedOutput): Promise<boolean> {
    if (await this.publication.isOvertaken(client, businessDate, run)) return false;
    const exceptProducts = await this.rollouts.leftToCandidate(client);
    await publishRun(client, run, { complete: true, exceptProducts });
    return true;
  }
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests } from '../requests.ts';
import { RolloutService } from '../rollout/rollout.service.ts';
import { Publication } from '../training/publication.ts';
import { publishRun } from '../training/publish-run.ts';
import type { RegisteredOutput } from './register.step.ts';
import type { CuratedOutput, EvaluatedOutput, TrainingInput, TrainingReport } from './training-workflow.ts';

/** Makes the model the champion and its forecasts the current ones, both at once. */
@Injectable()
@QueueProcessor('training-deploy')
export class DeployStep extends StepProcessor<TrainingInput, TrainingReport> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly registry: RegistryService,
    private readonly publication: Publication,
    private readonly requests: ForecastRequests,
    private readonly rollouts: RolloutService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult<TrainingReport>> {
    const [{ businessDate }] = context.outputs<CuratedOutput>('curate');
    const [{ modelId }] = context.outputs<EvaluatedOutput>('evaluate');
    const [{ run, run_id: runId }] = context.outputs<RegisteredOutput>('register');
    const [report] = context.outputs<TrainingReport>('gate');
    const written = context.outputs<{ series: number }>('write');
    const { deploy = 'immediate' } = context.input;
    const champion = await this.registry.champion();
    if ((deploy === 'canary' || deploy === 'shadow') && champion && champion.id !== modelId) {
      const candidate = { id: modelId, version: report.model_version };
      const rolloutId = await this.publication.publish(context, (client) =>
        this.rollouts.startTrained(client, candidate, champion.id, deploy, 'system'),
      );
      return { output: { ...report, run_id: runId, rollout_id: rolloutId } };
    }
    const published = await this.publication.publish(context, async (client) => {
      await this.rollouts.supersede(client, report.model_version);
      await this.registry.promote(client, modelId);
      if (await this.publication.isOvertaken(client, businessDate)) return false;
      await publishRun(client, run, { complete: true });
      return true;
    });
    if (published) {
      const series = written.reduce((sum, shard) => sum + shard.series, 0);
      return { output: { ...report, promoted: true, run_id: runId, series_count: series } };
    }
    // Later sales were forecast meanwhile: the new champion owes a forecast from them.
    const refresh = await this.requests.refreshAll(context.input.horizonDays);
    return { output: { ...report, promoted: true, generation_job_id: refresh.id } };
  }
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests } from '../requests.ts';
import { Bundles } from './bundles.ts';
import { reportOf } from './report.ts';
import type { KeptTraining } from './train.step.ts';
import type {
  CuratedOutput,
  EvaluatedOutput,
  TrainedOutput,
  TrainingInput,
  TrainingReport,
} from './training-workflow.ts';

/**
 * Lets a candidate pass or not. One that fails is marked so, an alert tells why, and the champion forecasts on, from the
 * latest sales. Without a champion there would be no forecast at all: then any sound model passes.
 */
@Injectable()
@QueueProcessor('training-gate')
export class GateStep extends StepProcessor<TrainingInput, TrainingReport> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly bundles: Bundles,
    private readonly registry: RegistryService,
    private readonly alerts: AlertsService,
    private readonly requests: ForecastRequests,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult<TrainingReport>> {
    const [curated] = context.outputs<CuratedOutput>('curate');
    const [trained] = context.outputs<TrainedOutput>('train');
    const [{ gate, sound, modelId }] = context.outputs<EvaluatedOutput>('evaluate');
    const { facts } = await this.bundles.load<KeptTraining>(trained.training);
    const report = reportOf(trained.version, gate, curated.businessDate, facts);
    if (context.input.deploy === 'none') {
      context.onSuccess((manager) => this.registry.markExperiment(manager, modelId));
      return { output: report, skipRest: 'experiment' };
    }
    const champion = await this.registry.champion();
    // The champion itself, trained again, changes nothing.
    if (gate.passed || (sound && (!champion || champion.id === modelId))) return { output: report };
    const failed = gate.checks.filter(({ passed }) => !passed);
    context.onSuccess(async (manager) => {
      await this.registry.markFailed(manager, modelId);
      await this.alerts.raise(
        {
          kind: 'model.gate_failed',
          severity: 'warning',
          subject: `Model ${trained.version} failed the gate: ${failed.map(({ name }) => name).join(', ')}`,
          detail: { model_version: trained.version, checks: gate.checks, workflow_run_id: context.runId },
          dedupeKey: `model.gate_failed:${trained.version}`,
        },
        (sql, parameters) => manager.query(sql, parameters),
      );
    });
    const refresh = champion ? await this.requests.refreshAll(context.input.horizonDays) : null;
    return {
      output: { ...report, ...(refresh ? { generation_job_id: refresh.id } : {}) },
      skipRest: 'gate failed',
    };
  }
}

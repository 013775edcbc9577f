import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import type { Collected } from './collect.processor.ts';
import type { CuratedOutput } from './curate.processor.ts';
import type { DailyDataInput } from './daily-data.workflow.ts';

const DISAGREEMENT = 'data.totals_disagree';

/** Puts together what a run found; says so loudly where stored totals do not agree with the sales. */
@Injectable()
@QueueProcessor('data-report')
export class ReportProcessor extends StepProcessor<DailyDataInput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly alerts: AlertsService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<DailyDataInput>): Promise<StepResult> {
    const [collected] = context.outputs<Collected>('collect');
    const months = context.outputs<CuratedOutput>('curate');
    const wrong = months.filter(({ disagreements }) => disagreements > 0);
    context.onSuccess(async (manager) => {
      const run = (sql: string, parameters: unknown[]) => manager.query(sql, parameters);
      const names = wrong.map(({ month }) => month.slice(0, 7));
      if (!wrong.length) await this.alerts.settle(DISAGREEMENT, run);
      else {
        const subject = `Stored totals do not agree with the sales of ${names.join(', ')}`;
        const detail = { months: names, run_id: context.runId };
        await this.alerts.raise(
          { kind: DISAGREEMENT, severity: 'critical', subject, detail, dedupeKey: DISAGREEMENT },
          run,
        );
      }
    });
    const rows = months.reduce((sum, month) => sum + month.rows, 0);
    return { output: { ...collected, curated_rows: rows, months } };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Forecast, ForecastPart } from '../../engine/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { runInThread, threadFile } from '../../platform/threads/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { Bundles } from '../pipeline/bundles.ts';
import { planShards } from '../pipeline/shards.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { SeriesKeys, seriesRows } from '../training/forecast-rows.ts';
import { openRun } from '../training/forecast-writer.ts';
import { ModelForecasts } from '../training/model-forecasts.ts';
import type { LoadedPanel } from '../training/panel-loader.ts';
import { buffersOf } from '../training/thread-types.ts';
import { horizonOf } from './batch-horizon.ts';
import type { BatchInput, CollectedOutput, ForecastOutput, MembersOutput } from './batch-workflow.ts';
import { openWeeklyRun } from './weekly-store.ts';

/** Most series of a shard of forecasts to write. */
const SHARD_SERIES = 2_000;
/** Share of the step's progress that forecasting the days takes where weeks are made of them. */
const DAYS_PERCENT = { day: 100, week: 70 } as const;

/** What was forecast, for the steps that write it. */
export interface KeptForecast {
  readonly forecast: Forecast;
  readonly keys: SeriesKeys;
}

/** Puts the members' forecasts together, aligned to the totals, and opens the run of it. */
@Injectable()
@QueueProcessor('batch-forecast')
export class ForecastStep extends StepProcessor<BatchInput, ForecastOutput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly bundles: Bundles,
    private readonly models: ModelForecasts,
    private readonly registry: RegistryService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<BatchInput>): Promise<StepResult<ForecastOutput>> {
    const [{ panel: frozen, dataHash, businessDate, modelId, degraded }] = context.outputs<CollectedOutput>('collect');
    const { grain, periods } = context.input;
    const version = await this.registry.byId(modelId);
    const model = await this.models.textOf(version);
    const loaded = await this.bundles.load<LoadedPanel>(frozen);
    const keys = { product: loaded.panel.product.slice(), location: loaded.panel.location.slice() };
    const horizon = horizonOf(context.input, businessDate);
    const share = DAYS_PERCENT[grain] / 100;
    const members = context.outputs<MembersOutput>('members');
    const parts = await Promise.all(members.map(({ part }) => this.bundles.load<ForecastPart>(part)));
    const { forecast: daily, computeMs: assemblyMs } = await this.models.forecast(
      version,
      model,
      loaded,
      { horizon },
      {
        signal: context.signal,
        onProgress: (percent, message) => context.progress(percent * share, 'forecast', message),
      },
      parts,
    );
    const computeMs = members.reduce((sum, part) => sum + part.computeMs, assemblyMs);
    const forecast = grain === 'week' ? await this.weeksOf(context, daily) : daily;
    const rows = seriesRows(forecast, keys);
    const head = {
      model: modelId,
      businessDate,
      seriesCount: rows.length,
      levels: forecast.levels,
      dataHash,
      degraded,
    };
    const run = await withBulkConnection(this.config, async (client) => {
      if (grain === 'week') return openWeeklyRun(client, { ...head, runId: context.runId, weeks: periods });
      const names = forecast.components.map(({ name }) => name);
      const { sumInflation } = forecast;
      const days = { horizonDays: horizon, members: names, sumInflation, jobId: context.id, computeMs };
      return (await openRun(client, { ...head, ...days }, context.runId)).id;
    });
    return {
      output: {
        forecast: await this.bundles.save(context.runId, 'forecast', { forecast, keys } satisfies KeptForecast),
        run,
        report: {
          grain,
          run_id: context.runId,
          model_version: version.version,
          series_count: rows.length,
          business_date: businessDate,
          horizon_days: horizon,
          unchanged: false,
        },
      },
      shards: planShards(rows.length, (place) => rows[place].product, SHARD_SERIES),
    };
  }

  private weeksOf(context: StepContext<BatchInput>, daily: Forecast): Promise<Forecast> {
    context.progress(DAYS_PERCENT.week, 'forecast', 'Summing the days of weeks along sample paths');
    return runInThread<Forecast, Forecast>(threadFile(import.meta.url, 'weekly.thread'), daily, {
      signal: context.signal,
      transfer: buffersOf(daily),
    });
  }
}

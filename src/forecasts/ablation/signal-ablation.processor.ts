import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import type { SignalGain } from '../../engine/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { JobContext, JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { threadFile } from '../../platform/threads/index.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { DEFAULT_HORIZON_DAYS } from '../requests.ts';
import { compute, fittingThreads } from '../training/compute.ts';
import { PanelLoader } from '../training/panel-loader.ts';
import type { AblationInput, AblationOutput } from './ablation-types.ts';
import { isSwitchedOff, SIGNAL_GROUPS } from './model-signal-groups.ts';
import type { StoredGain } from './signal-gains.ts';

/** Of which version to measure the signals. */
export interface AblationScope extends Record<string, unknown> {
  readonly model: number;
}

/**
 * Measures what each group of signals gains on the history that a version learned from, by small models with and without
 * it. The version itself is left as it is.
 */
@Injectable()
@QueueProcessor('signal-ablation')
export class SignalAblationProcessor extends JobProcessor<AblationScope> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly panels: PanelLoader,
    private readonly registry: RegistryService,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<AblationScope>): Promise<Record<string, unknown>> {
    const { id, version, parameters, seed, trainEnd } = await this.registry.byId(context.payload.model);
    context.progress(0, 'loading', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal, {
      knownCategories: parameters.categories,
      until: trainEnd,
    });
    if (!loaded) throw new NoSalesError();
    const { panel, events } = loaded;
    // Longer horizons would leave less of the year to choose origins from.
    const horizon = Math.min(parameters.horizonDays, DEFAULT_HORIZON_DAYS);
    const { groups, series, origins } = await compute<AblationInput, AblationOutput>(
      threadFile(import.meta.url, 'ablation.thread'),
      { panel, events, groups: SIGNAL_GROUPS, options: { seed, horizon, threads: fittingThreads() } },
      {
        signal: context.signal,
        onProgress: (percent, message) => context.progress(percent, 'comparing', message),
      },
    );
    const found = groups.map((gain) => this.stored(gain));
    context.onSuccess((manager) => keep(manager, id, found));
    return {
      model_version: version,
      series: series.length,
      rounds: origins.length,
      verdicts: Object.fromEntries(found.map(({ group, verdict }) => [group, verdict])),
    };
  }

  private stored({ group, overall, bySegment }: SignalGain): StoredGain {
    if (overall !== null) return { group, verdict: overall.verdict, overall, bySegment };
    return { group, verdict: isSwitchedOff(group, this.config) ? 'off' : 'no_data', overall: null, bySegment: null };
  }
}

async function keep(manager: EntityManager, model: number, gains: readonly StoredGain[]): Promise<void> {
  await manager.query('DELETE FROM signal_gains WHERE model = $1', [model]);
  for (const { group, verdict, overall, bySegment } of gains)
    await manager.query(
      `INSERT INTO signal_gains (model, signal_group, verdict, overall, by_segment) VALUES ($1, $2, $3, $4, $5)`,
      [model, group, verdict, overall && JSON.stringify(overall), bySegment && JSON.stringify(bySegment)],
    );
}

import { defineWorkflow } from '../../platform/workflow/index.ts';
import type { Bundle } from '../pipeline/bundles.ts';

/** Lengths of time that are forecast in batches. */
export const FORECAST_GRAINS = ['day', 'week'] as const;
export type ForecastGrain = (typeof FORECAST_GRAINS)[number];

/**
 * How everything is forecast with the champion: freeze the history, forecast the members in parts, put them together, write,
 * let it be current. Where the champion
 * has forecast the same history already and that still stands, the run ends after its first step.
 */
export const FORECAST_BATCH = defineWorkflow({
  name: 'forecast-batch',
  steps: {
    collect: { queue: 'batch-collect', after: [], weight: 8 },
    members: { queue: 'batch-members', after: ['collect'], shards: 'from-parent', weight: 8 },
    forecast: { queue: 'batch-forecast', after: ['members'], weight: 4 },
    write: { queue: 'batch-write', after: ['forecast'], shards: 'from-parent', weight: 8 },
    publish: { queue: 'batch-publish', after: ['write'] },
  },
});

/** What a run of {@link FORECAST_BATCH} is started with. */
export interface BatchInput extends Record<string, unknown> {
  readonly grain: ForecastGrain;
  /** Days ahead, or whole weeks ahead. */
  readonly periods: number;
}

/** What a run answers; that it changed nothing says `unchanged`. */
export interface BatchReport extends Record<string, unknown> {
  readonly grain: ForecastGrain;
  readonly run_id: string;
  readonly model_version: string;
  readonly series_count: number;
  readonly business_date: string;
  /** Days ahead; of weeks, days of the weeks forecast. */
  readonly horizon_days: number;
  readonly unchanged: boolean;
}

/** The history as it stood when the run read it, and the model that is to forecast it. */
export interface CollectedOutput extends Record<string, unknown> {
  readonly panel: Bundle;
  readonly dataHash: string;
  readonly businessDate: string;
  readonly modelId: number;
  readonly degraded: readonly string[];
}

/** What the members forecast for a part of the series. */
export interface MembersOutput extends Record<string, unknown> {
  readonly part: Bundle;
  readonly computeMs: number;
}

/** What was forecast, and the run it is written to. */
export interface ForecastOutput extends Record<string, unknown> {
  readonly forecast: Bundle;
  /** Internal id of the run. */
  readonly run: number;
  readonly report: BatchReport;
}

import { defineWorkflow } from '../../platform/workflow/index.ts';

/** What a run is told: days to look at, both ends included; without them the latest weeks of sales. */
export interface DailyDataInput {
  readonly from?: string;
  readonly to?: string;
}

/** Takes stock of what has come in, brings the curated files of the months concerned up to date and reports. */
export const DAILY_DATA = defineWorkflow({
  name: 'daily-data',
  steps: {
    collect: { queue: 'data-collect', after: [] },
    curate: { queue: 'data-curate', after: ['collect'], shards: 'from-parent', weight: 8 },
    report: { queue: 'data-report', after: ['curate'] },
  },
});

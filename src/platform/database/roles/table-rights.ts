/** What a role may do with a table; a column stands behind `UPDATE` where the others are not its to change. */
export type TableRight = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | `UPDATE (${string})`;

/** What API and workers may do with some tables. */
export interface TableRights {
  /** With the schema before the name where it is not `public`. */
  readonly tables: readonly string[];
  readonly api: readonly TableRight[];
  /** `owner` where workers also create and drop parts of the table, or take its statistics. */
  readonly worker: readonly TableRight[] | 'owner';
}

const NOTHING: readonly TableRight[] = [];
const READ = ['SELECT'] as const;
const ADD = ['SELECT', 'INSERT'] as const;
const REPLACE = ['SELECT', 'INSERT', 'DELETE'] as const;
const KEEP = ['SELECT', 'INSERT', 'UPDATE'] as const;
const ALL = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

/**
 * The rights of API and workers on every table and view, partitions aside, which have those of their parent. What is not
 * named here is the owner's alone.
 */
export const TABLE_RIGHTS: readonly TableRights[] = [
  // Users and their sessions are no business of the workers.
  { tables: ['users', 'refresh_tokens'], api: ALL, worker: NOTHING },
  // What was done is added to and never changed.
  { tables: ['audit_log', 'audit_chain'], api: ADD, worker: ADD },
  { tables: ['idempotency_keys'], api: ALL, worker: ['SELECT', 'DELETE'] },

  { tables: ['jobs', 'workflow_runs', 'workflow_steps', 'alerts'], api: KEEP, worker: ALL },
  { tables: ['schedules'], api: KEEP, worker: KEEP },
  { tables: ['schedule_ticks'], api: KEEP, worker: ALL },

  { tables: ['products', 'locations'], api: KEEP, worker: KEEP },
  { tables: ['price_history'], api: ADD, worker: ADD },
  { tables: ['stock'], api: KEEP, worker: READ },
  { tables: ['calendar_events'], api: ALL, worker: REPLACE },

  { tables: ['uploads'], api: KEEP, worker: KEEP },
  { tables: ['drop_addresses'], api: REPLACE, worker: ALL },
  { tables: ['stream_batches'], api: ADD, worker: ALL },
  { tables: ['stream_shards', 'stream_totals', 'stream_days', 'dropped_files'], api: READ, worker: ALL },
  { tables: ['data_clock'], api: READ, worker: ['SELECT', 'UPDATE'] },
  { tables: ['archived_months'], api: READ, worker: KEEP },
  { tables: ['curated_months', 'curated_days', 'quality_days', 'availability_days'], api: READ, worker: ALL },
  // Partitions come and go, and loads take statistics, which only owners may.
  { tables: ['sales', 'sales_daily', 'sales_series'], api: READ, worker: 'owner' },
  { tables: ['stream_ids', 'staging.import_checkpoints'], api: NOTHING, worker: 'owner' },

  // Values also come in as files.
  { tables: ['signal_values'], api: KEEP, worker: ALL },
  { tables: ['signal_calls', 'signal_breakers', 'signal_gains'], api: READ, worker: ALL },

  // The API says which model and which run are current; what they say is the workers'.
  { tables: ['model_versions'], api: ['SELECT', 'UPDATE (stage)'], worker: KEEP },
  { tables: ['model_texts'], api: READ, worker: KEEP },
  { tables: ['forecast_runs', 'run_series'], api: ['SELECT', 'UPDATE (published_at)'], worker: ALL },
  { tables: ['forecast_series'], api: KEEP, worker: ALL },
  { tables: ['forecast_clock'], api: ['SELECT', 'UPDATE'], worker: ['SELECT', 'UPDATE'] },
  { tables: ['rollouts'], api: KEEP, worker: KEEP },
  { tables: ['rollout_events'], api: ADD, worker: ADD },
  {
    tables: ['forecasts', 'weekly_runs', 'weekly_forecasts', 'forecast_explanations', 'holdout_forecasts'],
    api: READ,
    worker: ALL,
  },
  { tables: ['holdout_scales', 'live_accuracy', 'forecast_anomalies'], api: READ, worker: ALL },
  { tables: ['monitoring_clock'], api: READ, worker: ['SELECT', 'UPDATE'] },
  // For readers outside.
  { tables: ['forecast_items'], api: NOTHING, worker: NOTHING },
  // The list of migrations.
  { tables: ['schema_migrations'], api: NOTHING, worker: NOTHING },
];

/** Tables of the queues' own schema; only whoever migrates them writes in their list of migrations. */
export const QUEUE_SCHEMA = 'bullmq';
export const queueTableRights = (table: string): readonly TableRight[] => (table === 'migration' ? READ : ALL);

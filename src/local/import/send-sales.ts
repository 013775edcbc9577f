import { ApiError, type ApiClient } from '../api-client.ts';
import { ProgressBar } from '../terminal.ts';
import type { RetailData } from './retail-data.ts';
import { partsOf, type SalesTotals } from './sales-parts.ts';

const MEGABYTE = 1024 * 1024;
/** Size from which on an upload ends with its month: while one is loaded the next is made and sent. */
const TARGET_BYTES = 64 * MEGABYTE;
const TOO_LARGE = 413;
/** What multipart adds to a file. */
const ENVELOPE_BYTES = 4096;

/** What became of one upload, as its job reports it. */
export interface LoadReport {
  readonly state: 'loaded' | 'held';
  readonly rows_read: number;
  readonly rows_loaded: number;
  readonly rows_inserted: number;
  readonly rows_updated: number;
  readonly rows_unchanged: number;
  readonly rows_rejected: number;
  readonly rows_duplicate: number;
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[];
}

/** What was sent and what became of it, upload by upload. */
export interface SentSales {
  readonly totals: SalesTotals;
  readonly outcomes: readonly {
    readonly name: string;
    readonly report: LoadReport | null;
    /** Why it failed; null if it did not. */
    readonly error: string | null;
  }[];
}

/**
 * Sends sales while they are read and follows the loads to their end. An abort cancels the loads that have not ended.
 * @param mostMegabytes largest file the server takes
 * @throws ApiError when a file is refused
 */
export async function sendSales(
  api: ApiClient,
  data: RetailData,
  { layout, mostMegabytes, signal }: { layout: string; mostMegabytes: number; signal: AbortSignal },
): Promise<SentSales> {
  const most = mostMegabytes * MEGABYTE - ENVELOPE_BYTES;
  const totals: SalesTotals = { rows: 0, units: 0, bytes: 0 };
  const sent: { name: string; job: string }[] = [];
  const sending = new ProgressBar('Sending sales');
  const blocks = data.sales((share) => sending.update(100 * share, `${totals.rows.toLocaleString('en')} rows`));
  try {
    for await (const { month, content } of partsOf(
      blocks,
      data.header,
      { target: Math.min(TARGET_BYTES, most / 2), most },
      totals,
    )) {
      const name = `${layout}-${month}.csv`;
      const { job_id: job } = await api.stream<{ job_id: string }>('/sales-data/upload', name, content, signal);
      sent.push({ name, job });
      signal.throwIfAborted();
    }
    sending.done(`${totals.rows.toLocaleString('en')} rows in ${sent.length} uploads`);
    return { totals, outcomes: await followLoads(api, sent, signal) };
  } catch (error) {
    // Whoever stops half-way wants nothing more loaded; what stands, stands, and is joined by the same command again.
    for (const { job } of sent) await api.cancel(job).catch(() => undefined);
    if (error instanceof ApiError && error.status === TOO_LARGE)
      throw new ApiError(TOO_LARGE, `${error.message}; --max-megabytes N makes the uploads smaller`);
    throw error;
  }
}

async function followLoads(
  api: ApiClient,
  sent: readonly { readonly name: string; readonly job: string }[],
  signal: AbortSignal,
): Promise<SentSales['outcomes']> {
  const loading = new ProgressBar('Loading sales');
  const outcomes: { name: string; report: LoadReport | null; error: string | null }[] = [];
  for (const [index, { name, job }] of sent.entries()) {
    const bar = {
      update: (percent: number, message?: string) =>
        loading.update((100 * index + percent) / sent.length, `${name} ${message ?? ''}`),
    };
    try {
      const report = (await api.follow(job, bar, signal)) as unknown as LoadReport;
      outcomes.push({ name, report, error: null });
    } catch (error) {
      if (signal.aborted) throw error;
      outcomes.push({ name, report: null, error: (error as Error).message });
    }
  }
  const loaded = outcomes.reduce((sum, { report }) => sum + (report?.rows_loaded ?? 0), 0);
  loading.done(`${loaded.toLocaleString('en')} rows`);
  return outcomes;
}

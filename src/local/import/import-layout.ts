import { createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError, UsageError } from '../../files/input-error.ts';
import { ApiClient, ApiError } from '../api-client.ts';
import { ProgressBar } from '../terminal.ts';
import type { ImportArguments } from './arguments.ts';
import { locate } from './layout-files.ts';
import { openLayout } from './layouts.ts';
import { PlaceChoice, type RetailData, type RetailPlace } from './retail-data.ts';
import { partsOf, type SalesTotals } from './sales-parts.ts';
import { sendSales, type SentSales } from './send-sales.ts';
import { sendSignals, signalFiles } from './send-signals.ts';

const count = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 2 });

/**
 * Reads a data set and sends it, or writes it to a file, or only counts it.
 * @param signIn called when a server is needed
 * @returns whether everything was loaded
 * @throws InputError, UsageError, ApiError; the signal's reason when it aborts
 */
export async function importLayout(
  request: ImportArguments,
  signIn: () => Promise<ApiClient>,
  signal: AbortSignal,
): Promise<boolean> {
  const isLocal = request.dryRun || request.out !== null;
  const { folder, file } = locate(request.data);
  if (request.out !== null) checkOut(request.out, folder);
  // Before minutes of reading: whether anybody would take the data.
  const api = isLocal ? null : await signIn();
  const places = new PlaceChoice(request.places);
  const reading = new ProgressBar('Reading');
  const data = await openLayout(request.layout, {
    folder,
    file,
    places,
    dateOrder: request.dateOrder,
    signal,
    onPrepared: (share) => reading.update(100 * share),
  });
  reading.done();
  let isLoaded = true;
  let rows: number;
  if (api) {
    for (const place of data.places) await createPlace(api, place);
    const sent = await sendSales(api, data, { ...request, signal });
    ({ rows } = sent.totals);
    isLoaded = tellOutcome(sent);
    if (request.signals && isLoaded) await loadSignals(api, data, signal);
  } else rows = await keep(data, request, signal);
  if (rows === 0) throw new InputError(`${request.data}: ${nothingOf(places.missing())}`);
  const missing = places.missing();
  if (missing.length) console.log(`  note: --places ${missing.join(',')}: there is no such place`);
  for (const note of data.notes()) console.log(`  note: ${note}`);
  return isLoaded;
}

function nothingOf(missing: readonly string[]): string {
  return missing.length ? `there is no place ${missing.join(', ')} in it` : 'there are no sales in it';
}

/** Refuses an output that could not be written or would replace what is read. @throws UsageError */
function checkOut(out: string, folder: string): void {
  if (!existsSync(dirname(out)) || !statSync(dirname(out)).isDirectory())
    throw new UsageError(`--out: there is no folder ${dirname(out)}`);
  if (existsSync(out) && !statSync(out).isFile()) throw new UsageError(`--out ${out}: this is not a file`);
  if (existsSync(out) && dirname(out) === folder)
    throw new UsageError(`--out ${out}: the sales would replace a file of the data`);
}

/** Tells the server where a place is; one that is there stays as it is. */
async function createPlace(api: ApiClient, place: RetailPlace): Promise<void> {
  try {
    await api.post('/locations', place);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
}

/** Writes the sales to the file asked for, or only counts them. */
async function keep(data: RetailData, { out, signals }: ImportArguments, signal: AbortSignal): Promise<number> {
  const bar = new ProgressBar(out === null ? 'Counting' : 'Writing');
  const totals: SalesTotals = { rows: 0, units: 0, bytes: 0 };
  async function* content(): AsyncGenerator<Uint8Array> {
    const blocks = data.sales((share) => bar.update(100 * share));
    for await (const part of partsOf(blocks, data.header, { target: Infinity, most: Infinity }, totals))
      yield* part.content;
  }
  // A name of its own, so that whoever fails or is stopped leaves what was there.
  const unfinished = `${out}.${process.pid}.part`;
  try {
    const chunks = content();
    if (out === null) while (!(await chunks.next()).done) signal.throwIfAborted();
    else {
      await pipeline(Readable.from(chunks), createWriteStream(unfinished), { signal });
      renameSync(unfinished, out);
    }
  } catch (error) {
    if (out !== null) rmSync(unfinished, { force: true });
    throw error;
  }
  bar.done(`${count(totals.rows)} rows, ${count(totals.units)} units, ${count(totals.bytes / 1e6)} MB`);
  if (signals && out === null) {
    let lines = 0;
    for await (const file of signalFiles(data.signals())) lines += file.split('\n').length - 2;
    console.log(`Signals                ${count(lines)} events and values`);
  }
  return totals.rows;
}

async function loadSignals(api: ApiClient, data: RetailData, signal: AbortSignal): Promise<void> {
  const bar = new ProgressBar('Loading signals');
  const { values, events, rejected, rejections } = await sendSignals(api, data.signals(), signal, (rows) =>
    bar.update(0, `${count(rows)} rows`),
  );
  bar.done(`${count(events)} events of the calendar, ${count(values)} of places`);
  if (rejected) console.log(`  note: ${count(rejected)} rows were not taken: ${rejections.join('; ')}`);
}

/** Prints what became of the uploads; answers whether all were loaded. */
function tellOutcome({ totals, outcomes }: SentSales): boolean {
  const reports = outcomes.flatMap(({ report }) => report ?? []);
  const sum = (
    key:
      | 'rows_read'
      | 'rows_loaded'
      | 'rows_inserted'
      | 'rows_updated'
      | 'rows_unchanged'
      | 'rows_rejected'
      | 'rows_duplicate',
  ) => reports.reduce((total, report) => total + report[key], 0);
  console.log(
    `Sent                   ${count(totals.rows)} rows, ${count(totals.units)} units, ${count(totals.bytes / 1e6)} MB
Read by the server     ${count(sum('rows_read'))}
Loaded                 ${count(sum('rows_loaded'))}: ${count(sum('rows_inserted'))} new, ${count(sum('rows_updated'))} changed, ${count(sum('rows_unchanged'))} as they were
Rejected               ${count(sum('rows_rejected'))}, repeated ${count(sum('rows_duplicate'))}`,
  );
  const reasons = new Map<string, number>();
  for (const { reason, rows } of reports.flatMap((report) => report.reasons))
    reasons.set(reason, (reasons.get(reason) ?? 0) + rows);
  for (const [reason, rows] of reasons) console.log(`  ${reason}: ${count(rows)}`);
  const bad = outcomes.filter(({ report }) => report?.state !== 'loaded');
  for (const { name, error } of bad)
    console.error(
      error === null
        ? `${name} is held, for too many of its rows are bad; an administrator may release it (GET /api/v1/sales-data/uploads)`
        : `${name} was not loaded: ${error}`,
    );
  return bad.length === 0;
}

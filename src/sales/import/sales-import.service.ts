import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { once } from 'node:events';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { daysInArchive } from '../archive/archived-months.ts';
import type { FileKind } from '../csv/file-kind.ts';
import { dayInZone, formatDay } from '../csv/values.ts';
import { storeDays } from '../quality/quality.store.ts';
import { keyCatalogue } from './key-catalogue.ts';
import { analyseMonths, lockSales, prepareLoad } from './load.ts';
import { ParsedFile, parseFile } from './parse-file.ts';
import { RejectedFile } from './rejected-file.ts';
import { countDuplicates, listDuplicates, repeatsByDay, storeKeys } from './rows.ts';
import type { QualityReport } from './report.ts';
import { prepareConnection, Staging } from './staging.ts';
import { salesText } from '../formats/sales-source.ts';

/** Share of bad rows at which a load waits for an administrator. */
const HELD_AT_SHARE = 0.05;
/** Duplicates that the rejected file lists. */
const LISTED_DUPLICATES = 50_000;
/** Share of the progress that reading the file makes. */
const PARSE_PERCENT = 60;

/** One file to import. */
export interface ImportRequest {
  readonly uploadId: string;
  readonly objectKey: string;
  readonly bytes: number;
  /** Loads whatever the share of bad rows is. */
  readonly acceptBad: boolean;
  readonly signal: AbortSignal;
  progress(percent: number, step: string, message?: string): void;
  /** Whether the caller may still publish; asked inside the transaction that does. */
  owns(query: (sql: string, parameters: unknown[]) => Promise<unknown[]>): Promise<boolean>;
}

/** A parsed file, what it was, and what a person should know of how it was read. */
interface SourcedFile extends ParsedFile {
  readonly source: { readonly kind: FileKind; readonly notes: readonly string[] };
}

/** What became of a file. */
interface Outcome {
  readonly report: QualityReport;
  readonly rejectedKey: string | null;
}

/**
 * Imports a stored sales file: parses it into a temporary table, then resolves, de-duplicates and writes it in one
 * transaction, so that a crash at any point leaves all of it or nothing.
 */
@Injectable()
export class SalesImportService {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly objects: ObjectStore,
    private readonly catalogue: CatalogueService,
  ) {}

  /**
   * @throws UnreadableFileError when nothing of the file can be loaded
   * @throws JobStoppedError when the request's signal aborted or another attempt took over
   */
  async importFromStore(request: ImportRequest): Promise<QualityReport> {
    const rejected = new RejectedFile(this.objects, `rejected/sales/${request.uploadId}.csv`);
    try {
      return await withBulkConnection(this.config, async (client) => {
        const stopWatching = this.cancelQueriesOnAbort(client, request.signal);
        try {
          return await this.import(client, request, rejected);
        } finally {
          stopWatching();
        }
      });
    } catch (error) {
      await rejected.discard();
      if (request.signal.aborted) throw new JobStoppedError('The import was stopped');
      throw error;
    }
  }

  private async import(client: Client, request: ImportRequest, rejected: RejectedFile): Promise<QualityReport> {
    const started = Date.now();
    await prepareConnection(client);
    const file = await this.parse(client, request, rejected);
    const parsed = Date.now();
    await client.query('BEGIN');
    const outcome = await this.load(client, request, file, rejected, { started, parsed });
    const owner = await request.owns(async (sql, parameters) => (await client.query(sql, parameters)).rows);
    if (!owner) {
      await client.query('ROLLBACK');
      await heardOf(request.signal);
      throw new JobStoppedError('The import was cancelled or another attempt has taken it over');
    }
    await client.query(
      `UPDATE uploads SET state = $2, report = $3, rejected_key = $4, finished_at = now() WHERE id = $1`,
      [request.uploadId, outcome.report.state, JSON.stringify(outcome.report), outcome.rejectedKey],
    );
    await storeDays(client, request.uploadId, file.profile.findings.byDay());
    await client.query('COMMIT');
    if (outcome.report.state === 'loaded') {
      request.progress(98, 'analysing');
      // The load stands; statistics that are not taken now are taken by the database's own housekeeping.
      await analyseMonths(client, file.profile.months()).catch(() => undefined);
    }
    return outcome.report;
  }

  /** Parses the stored file into the temporary table and the rejected file. */
  private async parse(client: Client, request: ImportRequest, rejected: RejectedFile): Promise<SourcedFile> {
    const stored = await this.objects.get(request.objectKey);
    const staging = new Staging(client);
    const source: { kind: FileKind; notes: string[] } = { kind: 'csv', notes: [] };
    const chunks = salesText(
      stored,
      {
        onRead: (bytes) => request.progress((PARSE_PERCENT * bytes) / Math.max(request.bytes, 1), 'reading'),
        onKind: (kind) => (source.kind = kind),
        onNote: (note) => source.notes.push(note),
      },
      this.config.limits.uploadMaxBytes,
    );
    try {
      const file = await parseFile(
        chunks,
        {
          today: dayInZone(new Date(), this.config.scheduleTimezone),
          timezone: this.config.scheduleTimezone,
          archived: await daysInArchive((sql, parameters) => this.dataSource.query(sql, parameters)),
        },
        {
          row: (line, reader) => staging.add(line, reader),
          reject: (line, reason, row) => rejected.add(line, reason, row),
          flush: async () => {
            await staging.flush();
            await rejected.flush();
          },
        },
        request.signal,
      );
      await staging.finish();
      return { ...file, source };
    } catch (error) {
      staging.abort();
      throw error;
    } finally {
      stored.destroy();
    }
  }

  /** The part inside the transaction. Ends it with a rollback to nothing if the file is to be held. */
  private async load(
    client: Client,
    request: ImportRequest,
    file: SourcedFile,
    rejected: RejectedFile,
    times: { started: number; parsed: number },
  ): Promise<Outcome> {
    const { profile } = file;
    const step = (percent: number, name: string) => {
      request.signal.throwIfAborted();
      request.progress(PARSE_PERCENT + percent, name);
    };
    const mayLoad = (bad: number) => request.acceptBad || bad < HELD_AT_SHARE * profile.rowsRead;
    await client.query('SAVEPOINT before_load');
    step(0, 'waiting for other loads');
    await lockSales(client);
    step(2, 'resolving products and locations');
    const keys = await keyCatalogue(this.catalogue, client, file);
    step(5, 'sorting');
    const any = profile.accepted > 0;
    const range = { first: formatDay(any ? profile.firstDay : 0), last: formatDay(any ? profile.lastDay : 0) };
    const sortKey = await storeKeys(client, keys, range);
    const prepared = any
      ? await prepareLoad(client, { range, months: profile.months(), sortKey, stock: file.header.index.on_hand >= 0 })
      : { rows: 0, publish: () => Promise.reject(new Error('nothing to load')) };
    const fresh = prepared.rows;
    step(15, 'looking for duplicates');
    const repeats = fresh < profile.accepted ? await countDuplicates(client) : { duplicates: 0, conflicting: 0 };
    if (repeats.duplicates > 0) {
      const listed = await listDuplicates(client, LISTED_DUPLICATES);
      const skus = file.reader.products.decode(file.encoding);
      const places = file.reader.locations.decode(file.encoding);
      for (const row of listed) {
        const values = [row.date, skus[row.product], places[row.location], row.quantity, row.price, row.revenue];
        rejected.add(row.line, `duplicate of line ${row.first_line}`, values.map((value) => value ?? '').join(','));
      }
      rejected.addUnlisted(repeats.duplicates - listed.length);
      for (const { day, identical, conflicting } of await repeatsByDay(client)) {
        const example = () => `${formatDay(day)}`;
        if (identical) profile.findings.add('duplicate', day, example, identical);
        if (conflicting) profile.findings.add('conflict', day, example, conflicting);
      }
    }
    const bad = profile.rejected + repeats.conflicting;
    const held = !mayLoad(bad);
    let counts = { inserted: 0, updated: 0, unchanged: 0 };
    if (held) await client.query('ROLLBACK TO SAVEPOINT before_load');
    else if (fresh > 0) {
      step(20, 'writing');
      counts = await prepared.publish();
    }
    const rejectedKey = await rejected.finish();
    const report: QualityReport = {
      state: held ? 'held' : 'loaded',
      rows_read: profile.rowsRead,
      rows_loaded: held ? 0 : fresh,
      rows_inserted: counts.inserted,
      rows_updated: counts.updated,
      rows_unchanged: counts.unchanged,
      rows_rejected: profile.rejected,
      rows_duplicate: repeats.duplicates,
      rows_conflicting: repeats.conflicting,
      bad_share: bad / profile.rowsRead,
      reasons: [...profile.reasons].map(([reason, rows]) => ({ reason, rows })).sort((a, b) => b.rows - a.rows),
      headers: file.header.mapped,
      ignored_columns: file.header.ignored,
      encoding: file.encoding === 'utf8' ? 'UTF-8' : 'Latin-1',
      delimiter: file.delimiter === '\t' ? 'tab' : file.delimiter,
      first_date: any ? range.first : null,
      last_date: any ? range.last : null,
      products: new Set(keys.products).size,
      products_new: keys.newProducts,
      locations: new Set(keys.locations).size,
      locations_new: keys.newLocations,
      zero_share: any ? profile.zeroRows / profile.accepted : 0,
      gaps: profile.gaps(),
      findings: profile.findings.findings(),
      personal_columns: file.personal.columns(),
      format: file.source.kind,
      hints: [...file.source.notes, ...profile.hints()],
      seconds: { parse: (times.parsed - times.started) / 1000, load: (Date.now() - times.parsed) / 1000 },
    };
    return { report, rejectedKey };
  }

  /** A statement that runs for minutes must end when the job does. */
  private cancelQueriesOnAbort(client: Client, signal: AbortSignal): () => void {
    const cancel = () => {
      const { processID } = client as unknown as { processID: number };
      this.dataSource.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => undefined);
    };
    signal.addEventListener('abort', cancel, { once: true });
    return () => signal.removeEventListener('abort', cancel);
  }
}

/** The attempt's heartbeat learns within a second why it lost its job; what follows must not come before that. */
async function heardOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await once(signal, 'abort', { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
}

import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Readable } from 'node:stream';
import type { Client } from 'pg';
import { DataSource, EntityManager } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { daysInArchive } from '../archive/archived-months.ts';
import { dayInZone, formatDay } from '../csv/values.ts';
import { storeDays } from '../quality/quality.store.ts';
import { keyCatalogue } from './key-catalogue.ts';
import { analyseMonths, lockSales, prepareLoad } from './load.ts';
import { Owner, queryOf, requireOwner } from './ownership.ts';
import { parseStored, SourcedFile } from './parse-stored.ts';
import { REJECTED_HEADER } from './rejected-rows.ts';
import { countDuplicates, listDuplicates, repeatsByDay, storeKeys } from './rows.ts';
import type { QualityReport } from './report.ts';
import { analyseStaging, dropStaging, expelOthers, nameStaged, prepareConnection, Query } from './staging.ts';

/** Share of bad rows at which a load waits for an administrator. */
const HELD_AT_SHARE = 0.05;
/** Duplicates that the rejected file lists. */
const LISTED_DUPLICATES = 50_000;
/** Share of the progress that reading the file makes. */
const PARSE_PERCENT = 60;

/** Where the rows of an upload that were not loaded are stored. */
export function rejectedKeyOf(uploadId: string): string {
  return `rejected/sales/${uploadId}.csv`;
}

/** One file to import. */
export interface ImportRequest extends Owner {
  readonly uploadId: string;
  readonly objectKey: string;
  readonly bytes: number;
  /** Loads whatever the share of bad rows is. */
  readonly acceptBad: boolean;
  progress(percent: number, step: string, message?: string): void;
}

/** What became of a file. */
interface Outcome {
  readonly report: QualityReport;
  readonly rejectedKey: string | null;
}

/**
 * Imports a stored sales file: parses it chunk by chunk into a staging table, from which a later attempt goes on, then
 * resolves, de-duplicates and writes it in one transaction, so that a crash at any point leaves all of it or nothing.
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
    try {
      return await withBulkConnection(this.config, async (client) => {
        const stopWatching = this.cancelQueriesOnAbort(client, request.signal);
        try {
          return await this.import(client, request);
        } finally {
          stopWatching();
        }
      });
    } catch (error) {
      if (request.signal.aborted) throw new JobStoppedError('The import was stopped');
      throw error;
    }
  }

  /** Removes what an import that has ended left; to be called in the transaction that ends it. */
  async clear(manager: EntityManager, uploadId: string): Promise<void> {
    const query: Query = (sql, parameters) => manager.query(sql, parameters);
    await expelOthers(query, uploadId);
    await dropStaging(query, uploadId);
    const named = await query('SELECT 1 FROM uploads WHERE id = $1 AND rejected_key IS NOT NULL', [uploadId]);
    // A file that nobody will read is no reason for the job not to end.
    if (!named.length) await this.objects.delete(rejectedKeyOf(uploadId)).catch(() => undefined);
  }

  private async import(client: Client, request: ImportRequest): Promise<QualityReport> {
    const started = Date.now();
    await prepareConnection(client);
    const { scheduleTimezone: timezone, limits } = this.config;
    const file = await parseStored(
      { ...request, onRead: (share) => request.progress(PARSE_PERCENT * share, 'reading') },
      {
        client,
        objects: this.objects,
        settings: {
          today: dayInZone(new Date(), timezone),
          timezone,
          archived: await daysInArchive((sql, parameters) => this.dataSource.query(sql, parameters)),
        },
        chunkRows: limits.importChunkRows,
        maxBytes: limits.uploadMaxBytes,
      },
    );
    const parsed = Date.now();
    await nameStaged(queryOf(client), request.uploadId);
    await client.query('BEGIN');
    const outcome = await this.load(client, request, file, { started, parsed });
    await requireOwner(client, request);
    await dropStaging(queryOf(client), request.uploadId);
    await client.query(
      `UPDATE uploads SET state = $2, report = $3, rejected_key = $4, finished_at = clock_timestamp() WHERE id = $1`,
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

  /** The part inside the transaction. Ends it with a rollback to nothing if the file is to be held. */
  private async load(
    client: Client,
    request: ImportRequest,
    file: SourcedFile,
    times: { started: number; parsed: number },
  ): Promise<Outcome> {
    const { profile, rejected } = file;
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
    if (fresh < profile.accepted) await analyseStaging(queryOf(client), request.uploadId);
    const repeats = fresh < profile.accepted ? await countDuplicates(client) : { duplicates: 0, conflicting: 0 };
    if (fresh + repeats.duplicates !== profile.accepted)
      throw new Error(`${profile.accepted} rows were read, but ${fresh + repeats.duplicates} are staged`);
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
    const rejectedKey = await this.storeRejected(request, file);
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

  /** Writes the file of rejected rows; answers its key, or null if there are none. */
  private async storeRejected({ uploadId }: ImportRequest, file: SourcedFile): Promise<string | null> {
    const { rejected } = file;
    if (rejected.counts.listed === 0) return null;
    async function* content(): AsyncGenerator<Buffer> {
      yield Buffer.from(REJECTED_HEADER);
      yield* file.rejectedParts();
      yield rejected.takeLast();
    }
    const key = rejectedKeyOf(uploadId);
    await this.objects.put(key, Readable.from(content()));
    return key;
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

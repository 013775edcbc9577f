import type { Client } from 'pg';
import type { ObjectStore } from '../../platform/objectstore/index.ts';
import { plainText, salesText, skipped } from '../formats/sales-source.ts';
import { Checkpoints, ImportState, SourceState } from './checkpoints.ts';
import type { ParseSettings } from './layout.ts';
import { Owner, queryOf, requireOwner } from './ownership.ts';
import { ParsedFile, parseFile, ParserState } from './parse-file.ts';
import { RejectedRows } from './rejected-rows.ts';
import { Staging } from './staging.ts';

/** Rows between two chances to send what is packed. */
const FLUSH_ROWS = 2_000;
/** A chunk ends, whatever its rows, with so many bytes of text per row that it may have. */
const BYTES_PER_ROW = 64;
/** Rejected rows, in characters, that are kept in memory until the chunk ends. */
const REJECTED_CHARACTERS = 8 << 20;

/** A stored file and who imports it. */
export interface StoredFile extends Owner {
  readonly uploadId: string;
  readonly objectKey: string;
  readonly bytes: number;
  /** @param share of the stored file that was read, 0..1 */
  onRead(share: number): void;
}

/** What the parser needs beside the file. */
export interface ParseMeans {
  readonly client: Client;
  readonly objects: ObjectStore;
  /** For a file that is read from its start; who goes on with one keeps its settings. */
  readonly settings: ParseSettings;
  /** Rows after which what was read is made safe. */
  readonly chunkRows: number;
  /** Most bytes a file may unpack to. */
  readonly maxBytes: number;
}

/** A parsed file, what it was, and its rows that were not staged. */
export interface SourcedFile extends ParsedFile {
  readonly source: Pick<SourceState, 'kind' | 'notes'>;
  readonly rejected: RejectedRows;
  /** The parts of the rejected rows' file that {@link rejected} has given away. */
  rejectedParts(): AsyncGenerator<Buffer>;
}

/** A source's state while it is read. */
type OpenSource = { -readonly [K in keyof SourceState]: SourceState[K] } & { notes: string[] };

/**
 * Parses a stored file into its staging table, chunk by chunk. After each chunk everything is kept, so that another attempt
 * goes on from there and ends with the same as if nothing had happened.
 * @throws UnreadableFileError when nothing of the file can be loaded
 * @throws JobStoppedError when the import is no longer the caller's
 */
export async function parseStored(file: StoredFile, means: ParseMeans): Promise<SourcedFile> {
  const { client, chunkRows } = means;
  const checkpoints = new Checkpoints(queryOf(client), file.uploadId);
  await client.query('BEGIN');
  await requireOwner(client, file);
  const { state, chunks } = await checkpoints.open();
  await client.query('COMMIT');

  const source: OpenSource = { kind: 'csv', isPlain: false, bytesRead: 0, ...state?.source, notes: [] };
  if (state && (source.isPlain || state.parser.isComplete)) source.notes.push(...state.source.notes);
  const rejected = new RejectedRows(state?.rejected);
  const staging = new Staging(client, file.uploadId);
  let chunk = chunks;
  let border = { rows: state?.parser.profile.rowsRead ?? 0, offset: state?.parser.offset ?? 0 };

  const isDue = ({ profile, offset, isComplete }: ParserState) =>
    isComplete ||
    profile.rowsRead - border.rows >= chunkRows ||
    offset - border.offset >= chunkRows * BYTES_PER_ROW ||
    rejected.pendingCharacters >= REJECTED_CHARACTERS;

  async function flush(parser: ParserState): Promise<void> {
    await staging.flush();
    if (!isDue(parser)) return;
    await staging.finish();
    await requireOwner(client, file);
    const part = rejected.take();
    await checkpoints.save(chunk, { parser, source, rejected: rejected.counts }, part);
    await client.query('COMMIT');
    chunk++;
    border = { rows: parser.profile.rowsRead, offset: parser.offset };
    if (!parser.isComplete) await staging.begin(chunk);
  }

  const text = textOf(file, means, source, state);
  try {
    file.onRead(source.bytesRead / Math.max(file.bytes, 1));
    if (!state?.parser.isComplete) await staging.begin(chunk);
    const parsed = await parseFile(
      text,
      state?.parser.settings ?? means.settings,
      {
        flushRows: Math.min(FLUSH_ROWS, chunkRows),
        row: (line, reader) => staging.add(line, reader),
        reject: (line, reason, row) => rejected.add(line, reason, row),
        flush,
      },
      file.signal,
      state?.parser,
    );
    return { ...parsed, source, rejected, rejectedParts: () => checkpoints.rejected() };
  } catch (error) {
    staging.abort();
    throw error;
  }
}

/** The text of a file from where an import stands. Text that is stored as it is, is not read again. */
async function* textOf(
  { objectKey, bytes, onRead }: StoredFile,
  { objects, maxBytes }: ParseMeans,
  source: OpenSource,
  state: ImportState | null,
): AsyncGenerator<Buffer> {
  const offset = state?.parser.offset ?? 0;
  const readBefore = source.bytesRead;
  const count = (read: number) => {
    source.bytesRead = Math.max(read, readBefore);
    onRead(source.bytesRead / Math.max(bytes, 1));
  };
  const seeks = state !== null && source.isPlain;
  const stored = await objects.get(objectKey, seeks ? offset : 0);
  try {
    if (seeks) yield* plainText(stored, (read) => count(offset + read));
    else {
      const hooks = {
        onRead: count,
        onKind: (kind: SourceState['kind'], isPlain: boolean) => Object.assign(source, { kind, isPlain }),
        onNote: (note: string) => source.notes.push(note),
      };
      yield* skipped(salesText(stored, hooks, maxBytes), offset);
    }
  } finally {
    stored.destroy();
  }
}

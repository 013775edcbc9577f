import type { FileKind } from '../csv/file-kind.ts';
import { DictionarySizes, NO_KEYS, packParser, PlainParser, sizesOf, unpackParser } from './packed-parser.ts';
import type { ParserState } from './parse-file.ts';
import type { RejectedCounts } from './rejected-rows.ts';
import { createStaging, dropStaging, expelOthers, Query, stagedChunks } from './staging.ts';

/** What is known of a stored file beside its text. */
export interface SourceState {
  readonly kind: FileKind;
  readonly notes: readonly string[];
  /** Whether the text stands in the store as it is, byte for byte. */
  readonly isPlain: boolean;
  /** Stored bytes that were read. */
  readonly bytesRead: number;
}

/** Where an import stands between two records. */
export interface ImportState {
  readonly parser: ParserState;
  readonly source: SourceState;
  readonly rejected: RejectedCounts;
}

/** Where an attempt goes on. */
export interface Resumption {
  /** Null at the start of the file. */
  readonly state: ImportState | null;
  /** Chunks that are there already. */
  readonly chunks: number;
}

interface SavedState {
  readonly parser: PlainParser;
  readonly source: SourceState;
  readonly rejected: RejectedCounts;
}

/** Keeps the states of one import, one for each chunk. */
export class Checkpoints {
  private saved: DictionarySizes = NO_KEYS;

  constructor(
    private readonly query: Query,
    private readonly uploadId: string,
  ) {}

  /**
   * Finds where the attempt before stood and shuts it out; where that is not to be known, starts over. To be called in a
   * transaction of an attempt that owns the import.
   */
  async open(): Promise<Resumption> {
    await expelOthers(this.query, this.uploadId);
    const found = await this.find();
    if (found) {
      this.saved = sizesOf(found.state.parser.layout.reader);
      return found;
    }
    await dropStaging(this.query, this.uploadId);
    await createStaging(this.query, this.uploadId);
    return { state: null, chunks: 0 };
  }

  /** Keeps where the import stands after a chunk, in that chunk's transaction. @param rejected text of its rejected rows */
  async save(chunk: number, { parser, source, rejected: counts }: ImportState, rejected: Buffer): Promise<void> {
    const { state, notes, keys } = packParser(parser, this.saved);
    const json: SavedState = { parser: state, source, rejected: counts };
    await this.query(
      `INSERT INTO staging.import_checkpoints (upload, chunk, state, notes, keys, rejected) VALUES ($1, $2, $3, $4, $5, $6)`,
      [this.uploadId, chunk, Buffer.from(JSON.stringify(json)), notes, keys, rejected],
    );
    this.saved = sizesOf(parser.layout.reader);
  }

  /** The rejected rows of each chunk that has some. */
  async *rejected(): AsyncGenerator<Buffer> {
    for (let last = -1; ;) {
      const [row] = await this.query(
        `SELECT chunk, rejected FROM staging.import_checkpoints
         WHERE upload = $1 AND chunk > $2 AND rejected <> '' ORDER BY chunk LIMIT 1`,
        [this.uploadId, last],
      );
      if (!row) return;
      yield row.rejected as Buffer;
      last = row.chunk as number;
    }
  }

  /** The last state and the rows that belong to it; null if there is none of this version, or they are not there. */
  private async find(): Promise<{ state: ImportState; chunks: number } | null> {
    const rows = await this.query(`SELECT keys FROM staging.import_checkpoints WHERE upload = $1 ORDER BY chunk`, [
      this.uploadId,
    ]);
    if (!rows.length || (await stagedChunks(this.query, this.uploadId)) !== rows.length) return null;
    const [last] = await this.query(
      `SELECT state, notes FROM staging.import_checkpoints WHERE upload = $1 ORDER BY chunk DESC LIMIT 1`,
      [this.uploadId],
    );
    const saved = JSON.parse((last.state as Buffer).toString()) as SavedState;
    const keys = rows.map((row) => row.keys as Buffer);
    const parser = unpackParser(saved.parser, last.notes as Buffer, keys);
    return parser && { state: { parser, source: saved.source, rejected: saved.rejected }, chunks: rows.length };
  }
}

/** Complete lines of a sales file. */
export interface SalesBlock {
  readonly bytes: Buffer;
  readonly rows: number;
  /** Sum of their quantities. */
  readonly units: number;
  /** The month all of them lie in, counted from January 1970. */
  readonly month: number;
}

/** Something known of days beside the sales, as the import of signals takes it. */
export interface SignalRow {
  readonly signal: 'event' | 'traffic';
  /** Counted from 1970-01-01. */
  readonly day: number;
  /** Code of the place; absent = everywhere. */
  readonly location?: string;
  readonly value?: number;
  readonly name?: string;
  readonly kind?: string;
}

/** A place whose whereabouts are known before its sales. */
export interface RetailPlace {
  readonly code: string;
  readonly name: string;
  readonly city?: string;
  readonly region?: string;
  /** IANA name. */
  readonly timezone: string;
}

/** What of a data set is wanted, and what may be said while it is read. */
export interface RetailRequest {
  /** Folder with the files of the layout. */
  readonly folder: string;
  /** The sales themselves; null = the files that the layout usually has. */
  readonly file: string | null;
  /** Codes of the places wanted; null = all. */
  readonly places: PlaceChoice;
  /** What 03/04/2024 means; null = seen from the file. */
  readonly dateOrder: 'dmy' | 'mdy' | null;
  readonly signal: AbortSignal;
  /** Share of the preparation, before the first sales are there, 0..1. */
  readonly onPrepared: (share: number) => void;
}

/** A data set of a known layout, opened. Sales are read once; signals, places and notes may build on what was seen then. */
export interface RetailData {
  /** First line of the sales file. */
  readonly header: string;
  readonly places: readonly RetailPlace[];
  /** The sales, never more of them in memory than the layout forces. @param onRead told the share that was read, 0..1 */
  sales(onRead: (share: number) => void): AsyncGenerator<SalesBlock>;
  /** To be asked for after the sales, whose places they name. */
  signals(): AsyncGenerator<readonly SignalRow[]>;
  /** What a person should be told about the way the files were understood; complete after the sales. */
  notes(): readonly string[];
}

/** The places asked for, and which of them were found. */
export class PlaceChoice {
  private readonly found = new Set<string>();

  /** @param wanted null = all */
  constructor(private readonly wanted: ReadonlySet<string> | null) {}

  /** Whether a place is wanted. */
  takes(code: string): boolean {
    if (this.wanted === null) return true;
    if (!this.wanted.has(code)) return false;
    this.found.add(code);
    return true;
  }

  /** Places asked for that never came. */
  missing(): string[] {
    return [...(this.wanted ?? [])].filter((code) => !this.found.has(code));
  }
}

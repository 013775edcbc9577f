import type { Figure } from '../report.ts';

/** What every section of the bench of ingestion is given. */
export interface IngestOptions {
  readonly short: boolean;
  /** Folder with data sets, or null. */
  readonly data: string | null;
}

/** What a section found, and what a reader must know of it: data, peer, method. */
export interface IngestResult {
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/** A part of the bench. */
export interface IngestSection {
  readonly name: string;
  /** Left out altogether without the data sets. */
  readonly needsData: boolean;
  readonly measure: (options: IngestOptions) => Promise<IngestResult>;
}

/** All sections in the order of the table; each is imported only where it runs. */
export const SECTIONS: readonly IngestSection[] = [
  { name: 'csv', needsData: false, measure: async (options) => (await import('./csv.ts')).measureCsv(options) },
  { name: 'stream', needsData: false, measure: async () => (await import('./stream.ts')).measureStream() },
  {
    name: 'layouts',
    needsData: false,
    measure: async ({ short, data }) => (await import('./layouts.ts')).measureLayouts(short ? null : data),
  },
];

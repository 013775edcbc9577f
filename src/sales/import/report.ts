import type { FileKind } from '../csv/file-kind.ts';
import type { Finding } from '../quality/findings.ts';
import type { PersonalColumn } from '../quality/personal-data.ts';
import type { Gaps } from './file-profile.ts';

/** Data quality of one upload, as it is stored and answered. Shares are 0..1, dates calendar days. */
export interface QualityReport {
  readonly state: 'loaded' | 'held';
  /** Records below the header, blank lines left out. */
  readonly rows_read: number;
  /** Rows in the sales after the load: inserted, updated and unchanged. */
  readonly rows_loaded: number;
  readonly rows_inserted: number;
  readonly rows_updated: number;
  readonly rows_unchanged: number;
  readonly rows_rejected: number;
  /** Later rows of a product, place and day that the file already had. */
  readonly rows_duplicate: number;
  /** Duplicates that say something else than the first. */
  readonly rows_conflicting: number;
  /** Rejected and conflicting rows among those read. */
  readonly bad_share: number;
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[];
  /** Defects by kind, of single rows; those that only the series around them shows are looked for after the load. */
  readonly findings: readonly Finding[];
  /** Columns that are not loaded since they tell about persons. */
  readonly personal_columns: readonly PersonalColumn[];
  readonly headers: Readonly<Record<string, string>>;
  readonly ignored_columns: readonly string[];
  /** What the file was; encoding and delimiter are those of its text, or of the lines made of it. */
  readonly format: FileKind;
  readonly encoding: string;
  readonly delimiter: string;
  readonly first_date: string | null;
  readonly last_date: string | null;
  readonly products: number;
  readonly products_new: number;
  readonly locations: number;
  readonly locations_new: number;
  /** Rows with a quantity of 0 among those accepted. */
  readonly zero_share: number;
  readonly gaps: Gaps;
  readonly hints: readonly string[];
  readonly seconds: { readonly parse: number; readonly load: number };
}

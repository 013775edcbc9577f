import { formatDay } from '../csv/values.ts';
import { FindingCounts, kindOfReason } from '../quality/findings.ts';
import type { FindingsState } from '../quality/findings.ts';
import type { RowReader } from './row-reader.ts';

/** Gaps that are listed by their dates. */
const LISTED_GAPS = 20;
/** A quantity this many doublings above that of 99 of 100 rows is worth a look. */
const OUTLIER_DOUBLINGS = 4;

/** Days without any row between the first and the last. */
export interface Gaps {
  readonly days: number;
  /** The first stretches, both ends included. */
  readonly stretches: readonly { readonly from: string; readonly to: string }[];
}

/** What {@link FileProfile} has counted, as plain data. */
export interface ProfileState {
  readonly rowsRead: number;
  readonly rejected: number;
  readonly accepted: number;
  readonly zeroRows: number;
  readonly reasons: readonly (readonly [reason: string, rows: number])[];
  readonly findings: FindingsState;
  /** Days that have rows, counted from 1970-01-01. */
  readonly days: readonly number[];
  readonly magnitudes: readonly number[];
  readonly largest: number;
  readonly largestLine: number;
}

/** What is counted about a file while it is parsed, a few numbers a row. */
export class FileProfile {
  rowsRead = 0;
  rejected = 0;
  accepted = 0;
  zeroRows = 0;
  readonly reasons: Map<string, number>;
  readonly findings: FindingCounts;
  firstDay = Infinity;
  lastDay = -1;
  private readonly daysSeen = new Uint8Array(1 << 17);
  /** Rows by the number of binary digits of their quantity. */
  private readonly magnitudes = new Float64Array(42);
  private largest = -1;
  private largestLine = 0;

  /** @param state what was counted before; null at the start of a file */
  constructor(state: ProfileState | null = null) {
    this.reasons = new Map(state?.reasons);
    this.findings = new FindingCounts(state?.findings);
    if (!state) return;
    const { rowsRead, rejected, accepted, zeroRows, largest, largestLine } = state;
    Object.assign(this, { rowsRead, rejected, accepted, zeroRows, largest, largestLine });
    this.magnitudes.set(state.magnitudes);
    for (const day of state.days) this.daysSeen[day] = 1;
    if (state.days.length) {
      this.firstDay = state.days[0];
      this.lastDay = state.days[state.days.length - 1];
    }
  }

  /** For another profile to go on from. */
  state(): ProfileState {
    const { rowsRead, rejected, accepted, zeroRows, largest, largestLine } = this;
    const days: number[] = [];
    for (let day = this.firstDay; day <= this.lastDay; day++) if (this.daysSeen[day]) days.push(day);
    return {
      rowsRead,
      rejected,
      accepted,
      zeroRows,
      reasons: [...this.reasons],
      findings: this.findings.state(),
      days,
      magnitudes: [...this.magnitudes],
      largest,
      largestLine,
    };
  }

  accept(row: RowReader, line: number): void {
    this.accepted++;
    if (row.day < this.firstDay) this.firstDay = row.day;
    if (row.day > this.lastDay) this.lastDay = row.day;
    this.daysSeen[row.day] = 1;
    if (row.quantity === 0) this.zeroRows++;
    if (row.movedByZone)
      this.findings.add('time_zone', row.day, () => `line ${line}: its time falls on ${formatDay(row.day)} here`);
    if (row.amountMismatch)
      this.findings.add('amount_mismatch', row.day, () => `line ${line}: revenue is far from price times quantity`);
    this.magnitudes[row.quantity < 1 ? 0 : row.quantity > 0xffffffff ? 41 : 32 - Math.clz32(row.quantity)]++;
    if (row.quantity > this.largest) {
      this.largest = row.quantity;
      this.largestLine = line;
    }
  }

  /** @param day of the row, negative where it could not be read */
  reject(reason: string, line: number, day: number): void {
    this.rejected++;
    this.findings.add(kindOfReason(reason), day, () => `line ${line}: ${reason}`);
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  /** First days of the months that have rows, as ISO dates. */
  months(): string[] {
    const months = new Set<string>();
    for (let day = this.firstDay; day <= this.lastDay; day++)
      if (this.daysSeen[day]) months.add(`${formatDay(day).slice(0, 7)}-01`);
    return [...months];
  }

  gaps(): Gaps {
    const stretches: { from: string; to: string }[] = [];
    let days = 0;
    for (let day = this.firstDay; day <= this.lastDay; day++) {
      if (this.daysSeen[day]) continue;
      const from = day;
      while (!this.daysSeen[day + 1]) day++;
      days += day - from + 1;
      if (stretches.length < LISTED_GAPS) stretches.push({ from: formatDay(from), to: formatDay(day) });
    }
    return { days, stretches };
  }

  /** Sentences about what a person should look at. */
  hints(): string[] {
    const hints: string[] = [];
    let below = 0;
    let usual = 0;
    while (usual < 41 && below + this.magnitudes[usual] < this.accepted * 0.99) below += this.magnitudes[usual++];
    let outliers = 0;
    for (let i = usual + OUTLIER_DOUBLINGS + 1; i < this.magnitudes.length; i++) outliers += this.magnitudes[i];
    if (outliers > 0) {
      hints.push(
        `${outliers} rows sold more than ${2 ** OUTLIER_DOUBLINGS} times what 99 of 100 rows stay below; the largest is ${this.largest} on line ${this.largestLine}`,
      );
    }
    const negative = this.reasons.get('quantity_sold: is negative');
    if (negative) hints.push(`${negative} rows have a negative quantity; if they are returns, net them within the day`);
    const archived = this.reasons.get('archived: the sales of its month are archived');
    if (archived) hints.push(`${archived} rows lie in archived months; bring these back to load them`);
    if (this.accepted > 0 && this.zeroRows === 0)
      hints.push('no row has a quantity of 0; days without a row count as days without a sale');
    return hints;
  }
}

import { silentDays } from '../../engine/index.ts';
import { formatDay } from '../csv/values.ts';
import { FindingCounts } from './findings.ts';
import { seriesFindings, type SeriesFinding } from './series-findings.ts';

/** Names for examples. */
export interface KeyNames {
  product(key: number): string;
  location(key: number): string;
}

/** Share of a place's products that are far above the ordinary on a day which is then a special day and no error. */
const SPECIAL_SHARE = 0.2;
const FEWEST_SPECIAL = 3;

/**
 * Looks at sales series by series, as they come in (product, location, date) order, for what single rows do not show.
 * Only what lies within `from`..`to` is told.
 */
export class SeriesCheck {
  private product = -1;
  private location = -1;
  private days: number[] = [];
  private quantity: number[] = [];
  private price: number[] = [];
  private readonly found: { product: number; location: number; finding: SeriesFinding }[] = [];
  /** Rows a day by place. */
  private readonly rows = new Map<number, Int32Array>();

  /**
   * @param start first day that is read, counted from 1970-01-01
   * @param from first and last day to tell about
   */
  constructor(
    private readonly start: number,
    private readonly from: number,
    private readonly to: number,
  ) {}

  add(product: number, location: number, day: number, quantity: number, price: number): void {
    if (product !== this.product || location !== this.location) {
      this.endSeries();
      this.product = product;
      this.location = location;
    }
    if (day > this.to) return;
    this.days.push(day);
    this.quantity.push(quantity);
    this.price.push(price);
    const rows = this.rows.get(location) ?? new Int32Array(this.to - this.start + 1);
    this.rows.set(location, rows);
    rows[day - this.start]++;
  }

  /** What was found, counted. @param isEvent whether a day has an event */
  finish(names: KeyNames, isEvent: (day: number) => boolean): FindingCounts {
    this.endSeries();
    const counts = new FindingCounts();
    const silent = new Map<number, Set<number>>();
    for (const [location, rows] of this.rows) {
      const days = silentDays(rows, (day) => isEvent(this.start + day)).map((day) => this.start + day);
      silent.set(location, new Set(days));
      for (const day of days)
        if (day >= this.from)
          counts.add('silent_day', day, () => `${names.location(location)} has no row on ${formatDay(day)}`);
    }
    const special = this.specialDays();
    for (const { product, location, finding } of this.found) {
      const { kind, day, detail } = finding;
      if (kind === 'outlier' && (isEvent(day) || special.has(`${location} ${day}`))) continue;
      const count = kind === 'gap' ? this.openDays(finding, silent.get(location)) : finding.count;
      if (count > 0)
        counts.add(
          kind,
          day,
          () => `${names.product(product)} at ${names.location(location)}, ${formatDay(day)}: ${detail}`,
          count,
        );
    }
    return counts;
  }

  /** Days of a gap on which the place had rows and which are to be told of. */
  private openDays({ day, count }: SeriesFinding, silent: ReadonlySet<number> = new Set()): number {
    let open = 0;
    for (let missing = day; missing < day + count; missing++)
      if (missing >= this.from && missing <= this.to && !silent.has(missing)) open++;
    return open;
  }

  /** Places and days on which much of what is sold there lies far above the ordinary. */
  private specialDays(): Set<string> {
    const high = new Map<string, number>();
    for (const { location, finding } of this.found)
      if (finding.kind === 'outlier') {
        const key = `${location} ${finding.day}`;
        high.set(key, (high.get(key) ?? 0) + 1);
      }
    const special = new Set<string>();
    for (const [key, count] of high) {
      const [location, day] = key.split(' ').map(Number);
      const rows = this.rows.get(location)?.[day - this.start] ?? 0;
      if (count >= FEWEST_SPECIAL && count >= SPECIAL_SHARE * rows) special.add(key);
    }
    return special;
  }

  private endSeries(): void {
    const { product, location, days, quantity, price } = this;
    for (const finding of days.length ? seriesFindings({ days, quantity, price }) : []) {
      const last = finding.kind === 'gap' ? finding.day + finding.count - 1 : finding.day;
      if (last >= this.from && finding.day <= this.to) this.found.push({ product, location, finding });
    }
    this.days = [];
    this.quantity = [];
    this.price = [];
  }
}

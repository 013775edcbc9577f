/** Kinds of defects that are looked for in sales data, and what they are counted in. */
export const FINDING_UNITS = {
  /** Rows that were not loaded. */
  malformed_row: 'rows',
  missing_value: 'rows',
  bad_date: 'rows',
  future_date: 'rows',
  old_date: 'rows',
  archived_month: 'rows',
  not_a_number: 'rows',
  negative_value: 'rows',
  out_of_range: 'rows',
  bad_text: 'rows',
  /** Rows loaded as the first of their product, place and day stands. */
  duplicate: 'rows',
  conflict: 'rows',
  /** Rows whose time falls on another day at the business than where it was written. */
  time_zone: 'rows',
  /** Rows whose revenue is far from price times quantity. */
  amount_mismatch: 'rows',
  /** Days missing of a product that otherwise has a row a day. */
  gap: 'days',
  /** Days on which a whole place is missing. */
  silent_day: 'days',
  /** Single days far above what the product ordinarily sells, but for days on which everything does. */
  outlier: 'days',
  /** Products at places whose quantities, or prices, change for good by the size of a pack. */
  unit_change: 'series',
  price_unit_change: 'series',
  /** Columns with data of persons; they are not loaded. */
  personal_data: 'columns',
} as const;
export type FindingKind = keyof typeof FINDING_UNITS;

/** A kind of defect that was found. */
export interface Finding {
  readonly kind: FindingKind;
  readonly count: number;
  readonly unit: (typeof FINDING_UNITS)[FindingKind];
  /** The first few, in words. */
  readonly examples: readonly string[];
}

/** Examples kept of each kind. */
export const MOST_EXAMPLES = 5;

/** What {@link FindingCounts} has counted, as plain data: kind, count, examples, and counts by day. */
export type FindingsState = readonly (readonly [
  FindingKind,
  number,
  readonly string[],
  readonly (readonly [day: number, count: number])[],
])[];

/** Counts findings by kind and day. */
export class FindingCounts {
  private readonly kinds = new Map<FindingKind, { count: number; examples: string[]; days: Map<number, number> }>();

  /** @param state what was counted before */
  constructor(state: FindingsState = []) {
    for (const [kind, count, examples, days] of state)
      this.kinds.set(kind, { count, examples: [...examples], days: new Map(days) });
  }

  /** For {@link FindingCounts} to go on from. */
  state(): FindingsState {
    return [...this.kinds].map(([kind, { count, examples, days }]) => [kind, count, examples, [...days]]);
  }

  /** @param day counted from 1970-01-01; negative where it is not known */
  add(kind: FindingKind, day: number, example: () => string, count = 1): void {
    const entry = this.kinds.get(kind) ?? { count: 0, examples: [], days: new Map<number, number>() };
    this.kinds.set(kind, entry);
    entry.count += count;
    if (entry.examples.length < MOST_EXAMPLES) entry.examples.push(example());
    if (day >= 0) entry.days.set(day, (entry.days.get(day) ?? 0) + count);
  }

  /** In the order of {@link FINDING_UNITS}. */
  findings(): Finding[] {
    return (Object.keys(FINDING_UNITS) as FindingKind[]).flatMap((kind) => {
      const entry = this.kinds.get(kind);
      return entry ? [{ kind, count: entry.count, unit: FINDING_UNITS[kind], examples: entry.examples }] : [];
    });
  }

  /** Counts by kind and day, of those whose day is known. */
  *byDay(): Generator<{ readonly kind: FindingKind; readonly day: number; readonly count: number }> {
    for (const [kind, { days }] of this.kinds) for (const [day, count] of days) yield { kind, day, count };
  }
}

const BY_REASON: readonly (readonly [RegExp, FindingKind])[] = [
  [/^(columns|quotes):/, 'malformed_row'],
  [/: is empty$/, 'missing_value'],
  [/^date: lies in the future/, 'future_date'],
  [/^date: lies before/, 'old_date'],
  [/^date:/, 'bad_date'],
  [/^archived:/, 'archived_month'],
  [/: is not a number$/, 'not_a_number'],
  [/: is negative$/, 'negative_value'],
  [/: is too large$/, 'out_of_range'],
];

/** The kind of defect behind the reason for which a row was refused. */
export function kindOfReason(reason: string): FindingKind {
  return BY_REASON.find(([pattern]) => pattern.test(reason))?.[1] ?? 'bad_text';
}

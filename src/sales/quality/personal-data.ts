/** What sort of personal data a column holds. */
export type PersonalKind = 'name' | 'email' | 'phone' | 'card' | 'customer_id' | 'address' | 'date_of_birth';

/** A column that is not loaded since it tells about persons. */
export interface PersonalColumn {
  readonly column: string;
  readonly kind: PersonalKind;
}

const HEADERS: readonly (readonly [RegExp, PersonalKind])[] = [
  [/e_?mail/, 'email'],
  [/(^|_)(phone|mobile|telephone|whatsapp|msisdn)(_|$)|phone_?(no|number)/, 'phone'],
  [/^(customer|client|buyer|member|loyalty|user|guest|shopper)(_?(id|no|number|code|key|card))?$/, 'customer_id'],
  [/(^|_)(card|credit_card|debit_card|pan)(_?(no|number))?$/, 'card'],
  [/(customer|client|buyer|member|user|guest|shopper|person|first|last|full|sur|family)_?name$/, 'name'],
  [/^(customer|billing|delivery|home|street)_?address|^address(_line)?(_?\d)?$/, 'address'],
  [/^(dob|birth_?(day|date)|date_of_birth)$/, 'date_of_birth'],
];

const EMAIL = /^[^\s@]+@[^\s@]+\.[A-Za-z]{2,}$/;
/** Ten digits as in India, or with a country's code in front. */
const PHONE = /^(\+\d{1,3}[\s-]?\d[\d\s-]{7,13}|0?[6-9]\d{4}[\s-]?\d{5})$/;
const CARD = /^\d(?:[ -]?\d){12,18}$/;

/** Whether digits pass the check of card numbers (ISO/IEC 7812-1, annex B). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** The kind of personal data a header announces; null where it announces none. */
export function personalHeader(header: string): PersonalKind | null {
  const name = header
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s.-]+/g, '_');
  return HEADERS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** The kind of personal data that a value looks like; null where it looks like none. */
export function personalValue(value: string): PersonalKind | null {
  if (EMAIL.test(value)) return 'email';
  if (CARD.test(value) && passesLuhn(value.replace(/[ -]/g, ''))) return 'card';
  return PHONE.test(value) ? 'phone' : null;
}

/** Rows whose values are looked at, and the share of them that makes a column personal. */
const SAMPLE_ROWS = 500;
const PERSONAL_SHARE = 0.5;
const FEWEST_VALUES = 5;

/** What {@link PersonalColumns} has seen, as plain data: rows, and by column its values and those of each kind. */
export interface PersonalState {
  readonly rows: number;
  readonly values: readonly (readonly [
    column: number,
    seen: number,
    kinds: readonly (readonly [PersonalKind, number])[],
  ])[];
}

/**
 * Finds the columns of a file that tell about persons, among those that are not loaded: by their headers, and by what stands in
 * them. Where rows are repeated for people to read, {@link mask} leaves these columns out.
 */
export class PersonalColumns {
  private readonly found = new Map<number, PersonalKind>();
  private readonly values = new Map<number, { seen: number; kinds: Map<PersonalKind, number> }>();
  private rows = 0;

  /** @param unused indices of the columns that are not loaded */
  constructor(
    private readonly headers: readonly string[],
    private readonly unused: readonly number[],
  ) {
    for (const column of unused) {
      const kind = personalHeader(headers[column]);
      if (kind) this.found.set(column, kind);
      else this.values.set(column, { seen: 0, kinds: new Map() });
    }
  }

  /** For {@link restore}. */
  state(): PersonalState {
    return { rows: this.rows, values: [...this.values].map(([column, { seen, kinds }]) => [column, seen, [...kinds]]) };
  }

  /** Goes on from what was seen before. */
  restore({ rows, values }: PersonalState): void {
    this.rows = rows;
    for (const [column, seen, kinds] of values) this.values.set(column, { seen, kinds: new Map(kinds) });
  }

  /** Whether rows are still to be looked at. */
  get isOpen(): boolean {
    return this.rows < SAMPLE_ROWS && this.values.size > 0;
  }

  /** Looks at a row of the sample. */
  observe(fields: readonly string[]): void {
    this.rows++;
    for (const [column, entry] of this.values) {
      const value = (fields[column] ?? '').trim();
      if (!value) continue;
      entry.seen++;
      const kind = personalValue(value);
      if (kind) entry.kinds.set(kind, (entry.kinds.get(kind) ?? 0) + 1);
    }
  }

  columns(): PersonalColumn[] {
    const found = new Map(this.found);
    for (const [column, { seen, kinds }] of this.values) {
      const [top] = [...kinds].sort((a, b) => b[1] - a[1]);
      if (top && seen >= FEWEST_VALUES && top[1] >= PERSONAL_SHARE * seen) found.set(column, top[0]);
    }
    return [...found]
      .sort(([a], [b]) => a - b)
      .map(([column, kind]) => ({ column: this.headers[column].trim().slice(0, 100), kind }));
  }

  /** Whether a row may hold personal data: a column is known to, or a value looks like it. */
  isPersonal(fields: readonly string[]): boolean {
    return this.unused.some(
      (column) => this.found.has(column) || personalValue((fields[column] ?? '').trim()) !== null,
    );
  }

  /** The fields of a row without personal data. */
  mask(fields: readonly string[]): string[] {
    return fields.map((value, column) =>
      this.found.has(column) || (this.unused.includes(column) && personalValue(value.trim()))
        ? '[personal data]'
        : value,
    );
  }
}

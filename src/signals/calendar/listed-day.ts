/** A day that a public list knows. */
export interface ListedDay {
  /** ISO calendar day. */
  readonly date: string;
  readonly name: string;
  readonly kind: 'festival' | 'holiday';
  /** Where the date comes from, such as `computed:tithi` or `date-holidays:IN`. */
  readonly source: string;
}

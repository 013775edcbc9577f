/** The rows of one series in a design matrix: entries `from` up to, not including, `to` of all arrays. */
export interface RowSpan {
  readonly origin: Int32Array;
  readonly target: Int32Array;
  readonly from: number;
  readonly to: number;
}

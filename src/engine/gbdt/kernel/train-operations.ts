/**
 * The loops that take nearly all the time of a fit, on one memory; addresses are in bytes. The compiled and the plain
 * kernel give the same bits. What each does is told in `../assembly`.
 */
export interface TrainKernel {
  addRows(
    histogram: number,
    bins: number,
    stride: number,
    columns: number,
    count: number,
    contiguous: number,
    rows: number,
    rowCount: number,
    buffer: number,
  ): void;
  clear(at: number, bytes: number): void;
  copySlots(to: number, from: number, count: number): void;
  addSlots(to: number, from: number, count: number): void;
  subtractSlots(to: number, from: number, count: number): void;
  partition(rows: number, count: number, column: number, table: number, scratch: number): number;
  addToScores(scores: number, rows: number, count: number, value: number): void;
  scanThresholds(
    cells: number,
    bins: number,
    gradient: number,
    hessian: number,
    gradientUnit: number,
    hessianUnit: number,
    lambda: number,
    least: number,
    unsplit: number,
    start: number,
    out: number,
  ): number;
  dealRows(
    learnt: number,
    others: number,
    begin: number,
    end: number,
    limit: number,
    seed: number,
    packed: number,
  ): number;
  collectResiduals(
    rows: number,
    count: number,
    scores: number,
    targets: number,
    low: number,
    high: number,
    out: number,
    below: number,
  ): number;
  derivatives(
    kind: number,
    parameter: number,
    begin: number,
    end: number,
    scores: number,
    targets: number,
    weights: number,
    gradients: number,
    hessians: number,
    statistics: number,
  ): void;
  quantise(
    begin: number,
    end: number,
    gradients: number,
    hessians: number,
    packed: number,
    gradientScale: number,
    hessianScale: number,
    seed: number,
  ): void;
  sumRows(rows: number, count: number, sums: number): void;
}

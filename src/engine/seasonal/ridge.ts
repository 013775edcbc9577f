import type { CalendarDesign } from './calendar-design.ts';

/**
 * Weighted ridge regressions of many series on one design. The normal matrix of all rows is built once; a series that
 * lacks some of them subtracts those rows, or adds up its own where these are fewer.
 */
export class SharedRidge {
  private readonly full: Float64Array;
  private readonly rows: number;

  /** @param weights one per history row of the design */
  constructor(
    private readonly design: CalendarDesign,
    private readonly weights: Float64Array,
  ) {
    this.rows = weights.length;
    this.full = new Float64Array(design.columnCount ** 2);
    for (let r = 0; r < this.rows; r++) this.addRow(this.full, r, weights[r]);
  }

  /**
   * Coefficients that minimise Σ w (y − Xb)² + Σ penalty b² over the rows with `use` = 1.
   * @param target one value per history row
   */
  fit(target: ArrayLike<number>, use: ArrayLike<number>): Float64Array {
    const { columnCount, rowStart, column, value, penalty } = this.design;
    let used = 0;
    for (let r = 0; r < this.rows; r++) used += use[r];
    const subtract = used > this.rows / 2;
    const normal = subtract ? this.full.slice() : new Float64Array(columnCount ** 2);
    const right = new Float64Array(columnCount);
    for (let r = 0; r < this.rows; r++) {
      if (use[r] === 1) {
        const weighted = this.weights[r] * target[r];
        for (let i = rowStart[r]; i < rowStart[r + 1]; i++) right[column[i]] += weighted * value[i];
        if (!subtract) this.addRow(normal, r, this.weights[r]);
      } else if (subtract) this.addRow(normal, r, -this.weights[r]);
    }
    for (let c = 0; c < columnCount; c++) normal[c * columnCount + c] += penalty[c];
    return solveSymmetric(normal, right, columnCount);
  }

  /** Adds `weight` times the outer product of one row to the lower triangle. */
  private addRow(normal: Float64Array, row: number, weight: number): void {
    const { columnCount, rowStart, column, value } = this.design;
    for (let i = rowStart[row]; i < rowStart[row + 1]; i++) {
      const scaled = weight * value[i];
      const base = column[i] * columnCount;
      for (let j = rowStart[row]; j < rowStart[row + 1]; j++)
        if (column[j] <= column[i]) normal[base + column[j]] += scaled * value[j];
    }
  }
}

/** Solves A x = b by Cholesky's method; A is symmetric positive definite, its lower triangle row by row, overwritten. */
export function solveSymmetric(a: Float64Array, b: Float64Array, size: number): Float64Array {
  factoriseSymmetric(a, size);
  return solveFactorised(a, b, size);
}

/** Replaces the lower triangle of a symmetric positive definite matrix by its Cholesky factor. */
export function factoriseSymmetric(a: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j];
      for (let k = 0; k < j; k++) sum -= a[i * size + k] * a[j * size + k];
      a[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-10)) : sum / a[j * size + j];
    }
  }
}

/** Solves L L' x = b with the factor that {@link factoriseSymmetric} leaves. */
export function solveFactorised(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] -= a[i * size + k] * x[k];
    x[i] /= a[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] -= a[k * size + i] * x[k];
    x[i] /= a[i * size + i];
  }
  return x;
}

const { abs, cos, PI } = Math;

/** Points in (0, 1) and weights that sum to 1. */
export interface Quadrature {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Gauss–Legendre quadrature on [0, 1]: exact for polynomials up to degree 2 × `count` − 1. Roots of the Legendre
 * polynomial by Newton's method (Abramowitz and Stegun, 25.4.29).
 */
export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = cos((PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let round = 0, step = 1; round < 100 && abs(step) > 1e-16; round++) {
      let before = 1;
      let value = x;
      for (let degree = 2; degree <= count; degree++) {
        const next = ((2 * degree - 1) * x * value - (degree - 1) * before) / degree;
        before = value;
        value = next;
      }
      slope = (count * (x * value - before)) / (x * x - 1);
      step = value / slope;
      x -= step;
    }
    points[count - 1 - i] = (1 + x) / 2;
    weights[count - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

const { abs } = Math;

/** A function to minimise; it may give up with Infinity once it is sure to exceed `limit`. */
export type Objective = (point: Float64Array, limit: number) => number;

/**
 * Nelder & Mead's simplex search (1965) with a budget of evaluations, for one to four smooth parameters.
 * @param start moved to the best point found
 * @param value of `start`, already known
 * @param tolerance relative difference of the best and worst value at which the search ends
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
  value: number,
  step: number,
  budget: number,
  tolerance: number,
): number {
  const size = start.length;
  const points = [start.slice()];
  const values = [value];
  let spent = 0;
  const evaluate = (point: Float64Array, limit: number) => {
    spent++;
    return objective(point, limit);
  };
  for (let i = 0; i < size; i++) {
    const point = start.slice();
    point[i] += step;
    points.push(point);
    values.push(evaluate(point, Infinity));
  }
  const trial = (worst: number, factor: number) => {
    const point = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      let centre = 0;
      for (let p = 0; p <= size; p++) if (p !== worst) centre += points[p][i];
      centre /= size;
      point[i] = centre + factor * (points[worst][i] - centre);
    }
    return point;
  };
  while (spent < budget) {
    let best = 0;
    let worst = 0;
    for (let p = 1; p <= size; p++) {
      if (values[p] < values[best]) best = p;
      if (values[p] >= values[worst]) worst = p;
    }
    if (worst === best || values[worst] - values[best] <= tolerance * abs(values[best])) break;
    let second = best;
    for (let p = 0; p <= size; p++) if (p !== worst && values[p] > values[second]) second = p;
    const mirrored = trial(worst, -1);
    const mirroredValue = evaluate(mirrored, values[worst]);
    if (mirroredValue < values[best]) {
      const farther = trial(worst, -2);
      const fartherValue = evaluate(farther, mirroredValue);
      points[worst] = fartherValue < mirroredValue ? farther : mirrored;
      values[worst] = fartherValue < mirroredValue ? fartherValue : mirroredValue;
    } else if (mirroredValue < values[second]) {
      points[worst] = mirrored;
      values[worst] = mirroredValue;
    } else {
      const nearer = mirroredValue < values[worst] ? trial(worst, -0.5) : trial(worst, 0.5);
      const nearerValue = evaluate(nearer, values[worst]);
      if (nearerValue < values[worst]) {
        points[worst] = nearer;
        values[worst] = nearerValue;
      } else {
        for (let p = 0; p <= size; p++) {
          if (p === best) continue;
          for (let i = 0; i < size; i++) points[p][i] = (points[p][i] + points[best][i]) / 2;
          values[p] = evaluate(points[p], Infinity);
        }
      }
    }
  }
  let best = 0;
  for (let p = 1; p <= size; p++) if (values[p] < values[best]) best = p;
  start.set(points[best]);
  return values[best];
}

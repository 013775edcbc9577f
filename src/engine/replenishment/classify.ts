export type AbcClass = 'A' | 'B' | 'C';
export type XyzClass = 'X' | 'Y' | 'Z';

/**
 * ABC by value: items in falling order belong to A until the running total before them reaches 80 % of all value, to B
 * until 95 %, to C after. Items without value are C; ties keep their order.
 */
export function abcClasses(values: ArrayLike<number>): AbcClass[] {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
  const total = order.reduce((sum, i) => sum + Math.max(0, values[i]), 0);
  const classes = new Array<AbcClass>(values.length).fill('C');
  let before = 0;
  for (const i of order) {
    if (!(values[i] > 0)) break;
    const share = before / total;
    classes[i] = share < 0.8 ? 'A' : share < 0.95 ? 'B' : 'C';
    before += values[i];
  }
  return classes;
}

/** XYZ by steadiness: coefficient of variation up to 0.5 is X, up to 1 Y, above or without demand Z. */
export function xyzClass(mean: number, sd: number): XyzClass {
  if (!(mean > 0)) return 'Z';
  const variation = sd / mean;
  return variation <= 0.5 ? 'X' : variation <= 1 ? 'Y' : 'Z';
}

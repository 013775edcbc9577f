// The search for the best cut; ../kernel/plain-scan.ts is the same in TypeScript.

/** Gradient and hessian units of a sum of slots, as doubles. */
@inline
function unitsOf(sum: i64): v128 {
  return f64x2.replace_lane(f64x2.splat(<f64>(<i32>(sum >> 32))), 1, <f64>(<u32>sum));
}

/**
 * Best cut of one feature between two bins, without L1 penalty and bounds. First missing values go right, then left;
 * only the first can cut above the last bin. Bins are visited in order, and only a better cut replaces the one held.
 * @param cells the feature's slots, that of missing values first
 * @param bins without that of missing values
 * @param gradient units of the whole leaf, as is `hessian`
 * @param least hessian units a side needs
 * @param start gain to surpass
 * @param out five doubles: gain, bin, 1 for missing values on the left, gradient and hessian units on the left
 * @returns 1 when there is such a cut
 */
export function scanThresholds(
  cells: usize,
  bins: i32,
  gradient: f64,
  hessian: f64,
  gradientUnit: f64,
  hessianUnit: f64,
  lambda: f64,
  least: f64,
  unsplit: f64,
  start: f64,
  out: usize,
): i32 {
  const missing = load<i64>(cells);
  const units = f64x2.replace_lane(f64x2.splat(gradientUnit), 1, hessianUnit);
  const whole = f64x2.mul(f64x2.replace_lane(f64x2.splat(gradient), 1, hessian), units);
  const penalty = f64x2.splat(lambda);
  let best = start;
  let found = 0;
  for (let pass = 0; pass < (missing != 0 ? 2 : 1); pass++) {
    const last = missing != 0 && pass == 0 ? bins : bins - 1;
    let sum: i64 = pass == 1 ? missing : 0;
    for (let bin = 1, at = cells + 8; bin <= last; bin++, at += 8) {
      const cell = load<i64>(at);
      if (cell == 0) continue;
      sum += cell;
      const sumH = <f64>(<u32>sum);
      if (sumH < least) continue;
      if (hessian - sumH < least) break;
      const left = f64x2.mul(unitsOf(sum), units);
      const right = f64x2.sub(whole, left);
      const g = v128.shuffle<f64>(left, right, 0, 2);
      const h = v128.shuffle<f64>(left, right, 1, 3);
      const scores = f64x2.div(f64x2.mul(g, g), f64x2.add(h, penalty));
      const gain = f64x2.extract_lane(scores, 0) + f64x2.extract_lane(scores, 1) - unsplit;
      if (gain > best) {
        best = gain;
        found = 1;
        store<f64>(out, gain);
        store<f64>(out, <f64>bin, 8);
        // Where no value was missing the larger side takes those that come later.
        store<f64>(out, <f64>(missing != 0 ? pass : <i32>(2 * sumH >= hessian)), 16);
        store<f64>(out, <f64>(<i32>(sum >> 32)), 24);
        store<f64>(out, sumH, 32);
      }
    }
  }
  return found;
}

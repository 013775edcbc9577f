// Derivatives of the losses, and the whole units they are rounded to.

const SQUARED: i32 = 0;
const PINBALL: i32 = 1;
const POISSON: i32 = 2;
const TWEEDIE: i32 = 3;
const BINARY: i32 = 4;

@inline
function multiplyAdd(a: v128, b: v128, c: f64): v128 {
  return f64x2.add(f64x2.mul(a, b), f64x2.splat(c));
}

/**
 * exp with a relative error below 1e-11, its argument cut to ±50. The polynomial is summed by halves (Estrin), so that
 * its steps need not wait for each other; pmin and pmax are one instruction each, min and max several.
 */
@inline
function exp2Lanes(argument: v128): v128 {
  const x = f64x2.pmax(f64x2.splat(-50), f64x2.pmin(f64x2.splat(50), argument));
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), f64x2.splat(6755399441055744.0));
  const k = f64x2.sub(shifted, f64x2.splat(6755399441055744.0));
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(k, f64x2.splat(0.693147180369123816490))),
    f64x2.mul(k, f64x2.splat(1.90821492927058770002e-10)),
  );
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const low = f64x2.add(
    f64x2.add(r, f64x2.splat(1.0)),
    f64x2.mul(multiplyAdd(r, f64x2.splat(1.0 / 6.0), 0.5), r2),
  );
  const middle = f64x2.add(
    multiplyAdd(r, f64x2.splat(1.0 / 120.0), 1.0 / 24.0),
    f64x2.mul(multiplyAdd(r, f64x2.splat(1.0 / 5040.0), 1.0 / 720.0), r2),
  );
  const high = multiplyAdd(r, f64x2.splat(1.0 / 362880.0), 1.0 / 40320.0);
  const p = f64x2.add(f64x2.add(low, f64x2.mul(middle, r4)), f64x2.mul(high, f64x2.mul(r4, r4)));
  return f64x2.mul(p, i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52));
}

/**
 * Derivatives of the loss for the rows from `begin` to, not including, `end`; the last of an odd number counts twice
 * in the statistics.
 * @param statistics four doubles: greatest and summed |gradient|, greatest and summed hessian
 */
export function derivatives(
  kind: i32,
  parameter: f64,
  begin: i32,
  end: i32,
  scores: usize,
  targets: usize,
  weights: usize,
  gradients: usize,
  hessians: usize,
  statistics: usize,
): void {
  if (kind == SQUARED) loop(SQUARED, parameter, begin, end, scores, targets, weights, gradients, hessians, statistics);
  else if (kind == PINBALL) loop(PINBALL, parameter, begin, end, scores, targets, weights, gradients, hessians, statistics);
  else if (kind == BINARY) loop(BINARY, parameter, begin, end, scores, targets, weights, gradients, hessians, statistics);
  else if (kind == TWEEDIE) loop(TWEEDIE, parameter, begin, end, scores, targets, weights, gradients, hessians, statistics);
  else loop(POISSON, parameter, begin, end, scores, targets, weights, gradients, hessians, statistics);
}

@inline
function loop(
  kind: i32,
  parameter: f64,
  begin: i32,
  end: i32,
  scores: usize,
  targets: usize,
  weights: usize,
  gradients: usize,
  hessians: usize,
  statistics: usize,
): void {
  const one = f64x2.splat(1);
  const largest = f64x2.splat(3e38);
  let greatestG = f64x2.splat(0);
  let sumG = f64x2.splat(0);
  let greatestH = f64x2.splat(0);
  let sumH = f64x2.splat(0);
  for (let row = begin; row < end; row += 2) {
    const pair = row + 1 < end;
    const at4 = <usize>row << 2;
    const at8 = <usize>row << 3;
    const s = pair ? v128.load(scores + at8) : v128.load64_splat(scores + at8);
    const y = f64x2.promote_low_f32x4(pair ? v128.load64_zero(targets + at4) : v128.load32_splat(targets + at4));
    let g: v128;
    let h = one;
    if (kind == PINBALL) {
      const below = f64x2.splat(1 - parameter);
      g = v128.bitselect(below, f64x2.sub(below, one), f64x2.lt(y, s));
    } else {
      let fitted = s;
      let seen = y;
      if (kind == POISSON) {
        fitted = exp2Lanes(s);
        h = fitted;
      } else if (kind == TWEEDIE) {
        const factor = exp2Lanes(f64x2.mul(f64x2.splat(1 - parameter), s));
        fitted = f64x2.mul(exp2Lanes(s), factor);
        seen = f64x2.mul(y, factor);
        h = f64x2.add(f64x2.mul(f64x2.splat(parameter - 1), seen), f64x2.mul(f64x2.splat(2 - parameter), fitted));
      } else if (kind == BINARY) {
        fitted = f64x2.div(one, f64x2.add(one, exp2Lanes(f64x2.neg(s))));
        h = f64x2.mul(fitted, f64x2.sub(one, fitted));
      }
      g = f64x2.sub(fitted, seen);
      const rounding = f64x2.mul(f64x2.splat(1e-9), f64x2.add(f64x2.abs(fitted), f64x2.abs(seen)));
      g = v128.andnot(g, f64x2.le(f64x2.abs(g), rounding));
    }
    if (weights != 0) {
      const w = f64x2.promote_low_f32x4(pair ? v128.load64_zero(weights + at4) : v128.load32_splat(weights + at4));
      g = f64x2.mul(w, g);
      h = f64x2.mul(w, h);
    }
    g = f64x2.pmax(f64x2.neg(largest), f64x2.pmin(largest, g));
    h = f64x2.pmin(largest, h);
    const size = f64x2.abs(g);
    greatestG = f64x2.pmax(greatestG, size);
    sumG = f64x2.add(sumG, size);
    greatestH = f64x2.pmax(greatestH, h);
    sumH = f64x2.add(sumH, h);
    const narrowG = f32x4.demote_f64x2_zero(g);
    const narrowH = f32x4.demote_f64x2_zero(h);
    if (pair) {
      v128.store64_lane(gradients + at4, narrowG, 0);
      if (kind > PINBALL || weights != 0) v128.store64_lane(hessians + at4, narrowH, 0);
    } else {
      v128.store32_lane(gradients + at4, narrowG, 0);
      if (kind > PINBALL || weights != 0) v128.store32_lane(hessians + at4, narrowH, 0);
    }
  }
  store<f64>(statistics, max(f64x2.extract_lane(greatestG, 0), f64x2.extract_lane(greatestG, 1)));
  store<f64>(statistics, f64x2.extract_lane(sumG, 0) + f64x2.extract_lane(sumG, 1), 8);
  store<f64>(statistics, max(f64x2.extract_lane(greatestH, 0), f64x2.extract_lane(greatestH, 1)), 16);
  store<f64>(statistics, f64x2.extract_lane(sumH, 0) + f64x2.extract_lane(sumH, 1), 24);
}

/**
 * Rounds derivatives to whole units, up or down by a dither that depends on the row and the seed alone, and packs
 * them: gradient in the upper 16 bits, hessian in the lower. Works on whole groups of four rows.
 * @param packed where that of row `begin` goes
 * @param hessianScale 0 to give every row one unit
 */
export function quantise(
  begin: i32,
  end: i32,
  gradients: usize,
  hessians: usize,
  packed: usize,
  gradientScale: f32,
  hessianScale: f32,
  seed: i32,
): void {
  const scaleG = f32x4.splat(gradientScale);
  const scaleH = f32x4.splat(hessianScale);
  const share = f32x4.splat(1.0 / 65536.0);
  const seeds = i32x4.splat(seed);
  let numbers = i32x4.add(i32x4.splat(begin), i32x4(0, 1, 2, 3));
  for (let row = begin; row < end; row += 4) {
    const at = <usize>row << 2;
    let hash = i32x4.mul(v128.xor(numbers, seeds), i32x4.splat(0x9e3779b1));
    hash = i32x4.mul(v128.xor(hash, i32x4.shr_u(hash, 15)), i32x4.splat(0x85ebca6b));
    hash = v128.xor(hash, i32x4.shr_u(hash, 13));
    const ditherG = f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(hash, 16)), share);
    const g = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(f32x4.mul(v128.load(gradients + at), scaleG), ditherG)));
    let h = i32x4.splat(1);
    if (hessianScale != 0) {
      const ditherH = f32x4.mul(f32x4.convert_i32x4_u(v128.and(hash, i32x4.splat(0xffff))), share);
      h = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(f32x4.mul(v128.load(hessians + at), scaleH), ditherH)));
    }
    v128.store(packed + (<usize>(row - begin) << 2), v128.or(i32x4.shl(g, 16), h));
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
}

// The loops that take nearly all the time of a fit. Addresses are in bytes, their layout is the caller's
// (../training-memory.ts). ../kernel/plain-kernel.ts does the same operations in the same order.

const SQUARED: i32 = 0;
const PINBALL: i32 = 1;
const POISSON: i32 = 2;
const TWEEDIE: i32 = 3;
const BINARY: i32 = 4;

/** Rows copied together: with their bins they fit into the first-level cache beside the histograms of a few features. */
const GATHERED: i32 = 128;

/**
 * Adds rows to a histogram of 64-bit slots, each holding gradient sum * 2^32 + hessian sum, and 256 slots a column:
 * with distances known beforehand the compiled loop needs one register for all columns.
 * @param columns column numbers, `count` of them
 * @param contiguous 1 when the columns are 0, 1, 2, …
 * @param buffer room for GATHERED * (stride + 8) bytes
 */
export function addRows(
  histogram: usize,
  bins: usize,
  stride: i32,
  columns: usize,
  count: i32,
  contiguous: i32,
  rows: usize,
  rowCount: i32,
  packed: usize,
  buffer: usize,
): void {
  const values = buffer + GATHERED * stride;
  for (let from = 0; from < rowCount; from += GATHERED) {
    const n = min(GATHERED, rowCount - from);
    const list = rows + (<usize>from << 2);
    let to = buffer;
    let valueAt = values;
    if (stride == 32) {
      for (let i: usize = 0, end = <usize>n << 2; i < end; i += 4) {
        const row = load<u32>(list + i);
        const source = bins + row * 32;
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
        to += 32;
        const q = load<i32>(packed + (row << 2));
        store<i64>(valueAt, (<i64>(q >> 16) << 32) + <i64>(q & 0xffff));
        valueAt += 8;
      }
    } else {
      for (let i: usize = 0, end = <usize>n << 2; i < end; i += 4) {
        const row = load<u32>(list + i);
        let source = bins + row * stride;
        for (const stop = source + stride; source < stop; source += 16, to += 16) v128.store(to, v128.load(source));
        const q = load<i32>(packed + (row << 2));
        store<i64>(valueAt, (<i64>(q >> 16) << 32) + <i64>(q & 0xffff));
        valueAt += 8;
      }
    }
    let j = 0;
    if (contiguous) {
      for (; j + 8 <= count; j += 8) addEight(histogram + (<usize>j << 11), buffer + j, stride, values, n);
      for (; j + 2 <= count; j += 2) addTwo(histogram + (<usize>j << 11), buffer + j, stride, values, n);
    } else {
      for (; j + 4 <= count; j += 4) {
        addAnyFour(histogram + (<usize>j << 11), buffer, stride, columns + (<usize>j << 2), values, n);
      }
    }
    for (; j < count; j++) {
      const base = histogram + (<usize>j << 11);
      let at = buffer + load<u32>(columns + (<usize>j << 2));
      for (let v = values, end = values + (<usize>n << 3); v < end; v += 8, at += stride) {
        const slot = base + (<usize>load<u8>(at) << 3);
        store<i64>(slot, load<i64>(slot) + load<i64>(v));
      }
    }
  }
}

/** Eight neighbouring columns of the gathered rows. */
function addEight(histogram: usize, cells: usize, stride: i32, values: usize, n: i32): void {
  let at = cells;
  for (let v = values, end = values + (<usize>n << 3); v < end; v += 8, at += stride) {
    const value = load<i64>(v);
    const slot0 = histogram + (<usize>load<u8>(at, 0) << 3);
    store<i64>(slot0, load<i64>(slot0, 0) + value, 0);
    const slot1 = histogram + (<usize>load<u8>(at, 1) << 3);
    store<i64>(slot1, load<i64>(slot1, 2048) + value, 2048);
    const slot2 = histogram + (<usize>load<u8>(at, 2) << 3);
    store<i64>(slot2, load<i64>(slot2, 4096) + value, 4096);
    const slot3 = histogram + (<usize>load<u8>(at, 3) << 3);
    store<i64>(slot3, load<i64>(slot3, 6144) + value, 6144);
    const slot4 = histogram + (<usize>load<u8>(at, 4) << 3);
    store<i64>(slot4, load<i64>(slot4, 8192) + value, 8192);
    const slot5 = histogram + (<usize>load<u8>(at, 5) << 3);
    store<i64>(slot5, load<i64>(slot5, 10240) + value, 10240);
    const slot6 = histogram + (<usize>load<u8>(at, 6) << 3);
    store<i64>(slot6, load<i64>(slot6, 12288) + value, 12288);
    const slot7 = histogram + (<usize>load<u8>(at, 7) << 3);
    store<i64>(slot7, load<i64>(slot7, 14336) + value, 14336);
  }
}

/** Two neighbouring columns of the gathered rows. */
function addTwo(histogram: usize, cells: usize, stride: i32, values: usize, n: i32): void {
  let at = cells;
  for (let v = values, end = values + (<usize>n << 3); v < end; v += 8, at += stride) {
    const value = load<i64>(v);
    const slot0 = histogram + (<usize>load<u8>(at, 0) << 3);
    store<i64>(slot0, load<i64>(slot0, 0) + value, 0);
    const slot1 = histogram + (<usize>load<u8>(at, 1) << 3);
    store<i64>(slot1, load<i64>(slot1, 2048) + value, 2048);
  }
}

/** Any four columns of the gathered rows. */
function addAnyFour(histogram: usize, cells: usize, stride: i32, columns: usize, values: usize, n: i32): void {
  const column0 = load<u32>(columns, 0);
  const column1 = load<u32>(columns, 4);
  const column2 = load<u32>(columns, 8);
  const column3 = load<u32>(columns, 12);
  let at = cells;
  for (let v = values, end = values + (<usize>n << 3); v < end; v += 8, at += stride) {
    const value = load<i64>(v);
    const slot0 = histogram + (<usize>load<u8>(at + column0) << 3);
    store<i64>(slot0, load<i64>(slot0, 0) + value, 0);
    const slot1 = histogram + (<usize>load<u8>(at + column1) << 3);
    store<i64>(slot1, load<i64>(slot1, 2048) + value, 2048);
    const slot2 = histogram + (<usize>load<u8>(at + column2) << 3);
    store<i64>(slot2, load<i64>(slot2, 4096) + value, 4096);
    const slot3 = histogram + (<usize>load<u8>(at + column3) << 3);
    store<i64>(slot3, load<i64>(slot3, 6144) + value, 6144);
  }
}

/** Zeroes `bytes` (a multiple of 8). */
export function clear(at: usize, bytes: i32): void {
  memory.fill(at, 0, bytes);
}

/** `to += from` over 64-bit slots. */
export function addSlots(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 3);
  for (; to < end; to += 8, from += 8) store<i64>(to, load<i64>(to) + load<i64>(from));
}

/** `to -= from` over 64-bit slots. */
export function subtractSlots(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 3);
  for (; to < end; to += 8, from += 8) store<i64>(to, load<i64>(to) - load<i64>(from));
}

/**
 * Moves the rows whose bin has a 1 in the table to the front, each side keeping its order.
 * @returns how many went to the front
 */
export function partition(rows: usize, count: i32, column: usize, table: usize, scratch: usize): i32 {
  let left = rows;
  let right = scratch;
  for (let at = rows, end = rows + (<usize>count << 2); at < end; at += 4) {
    const row = load<u32>(at);
    const goesLeft = <usize>load<u8>(table + load<u8>(column + row)) << 2;
    store<u32>(left, row);
    store<u32>(right, row);
    left += goesLeft;
    right += 4 - goesLeft;
  }
  memory.copy(left, scratch, right - scratch);
  return <i32>((left - rows) >> 2);
}

/** Adds a value to the scores of some rows. */
export function addToScores(scores: usize, rows: usize, count: i32, value: f64): void {
  for (let at = rows, end = rows + (<usize>count << 2); at < end; at += 4) {
    const score = scores + (load<u32>(at) << 3);
    store<f64>(score, load<f64>(score) + value);
  }
}

@inline
function multiplyAdd(a: v128, b: v128, c: f64): v128 {
  return f64x2.add(f64x2.mul(a, b), f64x2.splat(c));
}

/** exp with a relative error below 1e-11, its argument cut to ±50. */

@inline
function exp2Lanes(argument: v128): v128 {
  const x = f64x2.max(f64x2.splat(-50), f64x2.min(f64x2.splat(50), argument));
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), f64x2.splat(6755399441055744.0));
  const k = f64x2.sub(shifted, f64x2.splat(6755399441055744.0));
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(k, f64x2.splat(0.693147180369123816490))),
    f64x2.mul(k, f64x2.splat(1.90821492927058770002e-10)),
  );
  let p = multiplyAdd(r, f64x2.splat(1.0 / 362880.0), 1.0 / 40320.0);
  p = multiplyAdd(p, r, 1.0 / 5040.0);
  p = multiplyAdd(p, r, 1.0 / 720.0);
  p = multiplyAdd(p, r, 1.0 / 120.0);
  p = multiplyAdd(p, r, 1.0 / 24.0);
  p = multiplyAdd(p, r, 1.0 / 6.0);
  p = multiplyAdd(p, r, 0.5);
  p = multiplyAdd(p, r, 1.0);
  p = multiplyAdd(p, r, 1.0);
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
    g = f64x2.max(f64x2.neg(largest), f64x2.min(largest, g));
    h = f64x2.min(largest, h);
    const size = f64x2.abs(g);
    greatestG = f64x2.max(greatestG, size);
    sumG = f64x2.add(sumG, size);
    greatestH = f64x2.max(greatestH, h);
    sumH = f64x2.add(sumH, h);
    const narrowG = f32x4.demote_f64x2_zero(g);
    const narrowH = f32x4.demote_f64x2_zero(h);
    if (pair) {
      v128.store64_lane(gradients + at4, narrowG, 0);
      v128.store64_lane(hessians + at4, narrowH, 0);
    } else {
      v128.store32_lane(gradients + at4, narrowG, 0);
      v128.store32_lane(hessians + at4, narrowH, 0);
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
    v128.store(packed + at, v128.or(i32x4.shl(g, 16), h));
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
}

/** Sums of the packed derivatives of some rows: gradient units at `sums`, hessian units behind it, as doubles. */
export function sumRows(rows: usize, count: i32, packed: usize, sums: usize): void {
  let g: i64 = 0;
  let h: i64 = 0;
  for (let at = rows, end = rows + (<usize>count << 2); at < end; at += 4) {
    const q = load<i32>(packed + (load<u32>(at) << 2));
    g += <i64>(q >> 16);
    h += <i64>(q & 0xffff);
  }
  store<f64>(sums, <f64>g);
  store<f64>(sums, <f64>h, 8);
}

/**
 * Scores blocks of rows with a forest laid out by predict-layout.ts. Every pointer is a byte offset into the memory.
 * Codes are column-major: BLOCK_ROWS bytes a column.
 */

/** Rows of a block: their codes, the scores and one tree stay in the first-level cache. */
const BLOCK_ROWS: usize = 256;
/** Rows taken through a tree together: four vectors of 16. */
const GROUP_ROWS: usize = 64;
/** Bytes of an entry that compares, and of the set behind an entry that looks up. */
const ENTRY: usize = 4;
const SET: usize = 32;

@inline
function step(thresholds: usize, at: usize, half: usize, value: f32): usize {
  return at + (usize(load<f32>(thresholds + at + half - 4) < value) * half);
}

/**
 * Codes of a numeric feature: how many of its `count` ascending thresholds lie below a value, less 128 so that codes
 * compare as signed bytes. A missing value gets the lowest code in `low` and the highest in `high`.
 * `rows` is rounded up to a multiple of four.
 */
export function encodeNumbers(values: usize, rows: usize, thresholds: usize, count: usize, low: usize, high: usize): void {
  const top = i32(count) - 128;
  for (let row: usize = 0; row < rows; row += 4) {
    const raw = v128.load(values + (row << 2));
    // Infinite values become missing, finite ones stay.
    const finite = f32x4.add(raw, f32x4.sub(raw, raw));
    const v0 = f32x4.extract_lane(finite, 0);
    const v1 = f32x4.extract_lane(finite, 1);
    const v2 = f32x4.extract_lane(finite, 2);
    const v3 = f32x4.extract_lane(finite, 3);
    let a0: usize = 0;
    let a1: usize = 0;
    let a2: usize = 0;
    let a3: usize = 0;
    for (let left = count; left > 0; ) {
      const half = (left + 1) >> 1;
      const bytes = half << 2;
      a0 = step(thresholds, a0, bytes, v0);
      a1 = step(thresholds, a1, bytes, v1);
      a2 = step(thresholds, a2, bytes, v2);
      a3 = step(thresholds, a3, bytes, v3);
      left -= half;
    }
    const c0 = i32(a0 >> 2) - 128;
    const c1 = i32(a1 >> 2) - 128;
    const c2 = i32(a2 >> 2) - 128;
    const c3 = i32(a3 >> 2) - 128;
    // A missing value is above no threshold.
    store<u8>(low + row, c0);
    store<u8>(low + row, c1, 1);
    store<u8>(low + row, c2, 2);
    store<u8>(low + row, c3, 3);
    store<u8>(high + row, v0 == v0 ? c0 : top);
    store<u8>(high + row, v1 == v1 ? c1 : top, 1);
    store<u8>(high + row, v2 == v2 ? c2 : top, 2);
    store<u8>(high + row, v3 == v3 ? c3 : top, 3);
  }
}

/** Codes of a feature split by category: a look-up in `classes` of `count` whole numbers; `other` for all else. */
export function encodeCategories(values: usize, rows: usize, classes: usize, count: u32, other: u32, missing: u32, out: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    const value = load<f32>(values + (row << 2));
    let code = value - value == 0 ? other : missing;
    if (value >= 0 && value < f32(count)) {
      const category = u32(value);
      if (f32(category) == value) code = u32(load<u8>(classes + usize(category)));
    }
    store<u8>(out + row, code);
  }
}

@inline
function drop(kept: v128, cut: v128, bits: v128): v128 {
  return v128.andnot(kept, v128.and(cut, bits));
}

/** Lanes whose class is a member of the set: 256 bits at `set`. */
@inline
function members(codes: v128, set0: v128, set1: v128): v128 {
  const place = i8x16.shr_u(codes, 3);
  const word = v128.or(i8x16.swizzle(set0, place), i8x16.swizzle(set1, i8x16.sub(place, i8x16.splat(16))));
  const bit = i8x16.swizzle(
    i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0),
    v128.and(codes, i8x16.splat(7)),
  );
  return i8x16.eq(v128.and(word, bit), bit);
}

/** Place of the lowest set bit of each byte, which is not 0. */
@inline
function lowestBit(bytes: v128): v128 {
  const alone = v128.and(bytes, i8x16.neg(bytes));
  const low = i8x16.swizzle(i8x16(0, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0), v128.and(alone, i8x16.splat(15)));
  const high = i8x16.swizzle(i8x16(0, 4, 5, 0, 6, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0), i8x16.shr_u(alone, 4));
  return v128.or(low, high);
}

/**
 * Adds the leaf of every tree to the scores of a block. A tree is met leaf set by leaf set (QuickScorer of Lucchese et
 * al. 2015, in the byte-wise form of RapidScorer, Ye et al. 2018): each split that a row takes to its second side cuts
 * the leaves of the first side; the first leaf left is the row's. No branch depends on a row.
 */
export function addTrees(trees: i32, tree: usize, leaves: usize, codes: usize, rows: usize, scores: usize, scratch: usize): void {
  for (let t = 0; t < trees; t++) {
    const bytes = i32(load<u16>(tree));
    const leafCount = usize(load<u16>(tree, 2));
    let end: usize = 0;
    for (let group: usize = 0; group < rows; group += GROUP_ROWS) {
      const block = codes + group;
      let first0 = i8x16.splat(0);
      let first1 = first0;
      let first2 = first0;
      let first3 = first0;
      let base0 = first0;
      let base1 = first0;
      let base2 = first0;
      let base3 = first0;
      let at = tree + 4;
      for (let byte = bytes - 1; byte >= 0; byte--) {
        let kept0 = i8x16.splat(-1);
        let kept1 = kept0;
        let kept2 = kept0;
        let kept3 = kept0;
        let stop = at + 8 + usize(load<u16>(at)) * ENTRY;
        const stopBelow = stop + usize(load<u16>(at, 2)) * ENTRY;
        const stopSets = stopBelow + usize(load<u16>(at, 4)) * (ENTRY + SET);
        at += 8;
        for (; at < stop; at += ENTRY) {
          const column = block + usize(load<u16>(at)) * BLOCK_ROWS;
          const bound = v128.load8_splat(at, 2);
          const bits = v128.load8_splat(at, 3);
          kept0 = drop(kept0, i8x16.gt_s(v128.load(column), bound), bits);
          kept1 = drop(kept1, i8x16.gt_s(v128.load(column, 16), bound), bits);
          kept2 = drop(kept2, i8x16.gt_s(v128.load(column, 32), bound), bits);
          kept3 = drop(kept3, i8x16.gt_s(v128.load(column, 48), bound), bits);
        }
        for (; at < stopBelow; at += ENTRY) {
          const column = block + usize(load<u16>(at)) * BLOCK_ROWS;
          const bound = v128.load8_splat(at, 2);
          const bits = v128.load8_splat(at, 3);
          kept0 = drop(kept0, i8x16.gt_s(bound, v128.load(column)), bits);
          kept1 = drop(kept1, i8x16.gt_s(bound, v128.load(column, 16)), bits);
          kept2 = drop(kept2, i8x16.gt_s(bound, v128.load(column, 32)), bits);
          kept3 = drop(kept3, i8x16.gt_s(bound, v128.load(column, 48)), bits);
        }
        for (; at < stopSets; at += ENTRY + SET) {
          const column = block + usize(load<u16>(at)) * BLOCK_ROWS;
          const bits = v128.load8_splat(at, 3);
          const set0 = v128.load(at, ENTRY);
          const set1 = v128.load(at, ENTRY + 16);
          kept0 = drop(kept0, members(v128.load(column), set0, set1), bits);
          kept1 = drop(kept1, members(v128.load(column, 16), set0, set1), bits);
          kept2 = drop(kept2, members(v128.load(column, 32), set0, set1), bits);
          kept3 = drop(kept3, members(v128.load(column, 48), set0, set1), bits);
        }
        const zero = i8x16.splat(0);
        const base = i8x16.splat(i8(byte << 3));
        const none0 = i8x16.eq(kept0, zero);
        const none1 = i8x16.eq(kept1, zero);
        const none2 = i8x16.eq(kept2, zero);
        const none3 = i8x16.eq(kept3, zero);
        first0 = v128.bitselect(first0, kept0, none0);
        first1 = v128.bitselect(first1, kept1, none1);
        first2 = v128.bitselect(first2, kept2, none2);
        first3 = v128.bitselect(first3, kept3, none3);
        base0 = v128.bitselect(base0, base, none0);
        base1 = v128.bitselect(base1, base, none1);
        base2 = v128.bitselect(base2, base, none2);
        base3 = v128.bitselect(base3, base, none3);
      }
      end = at;
      v128.store(scratch, v128.or(base0, lowestBit(first0)));
      v128.store(scratch, v128.or(base1, lowestBit(first1)), 16);
      v128.store(scratch, v128.or(base2, lowestBit(first2)), 32);
      v128.store(scratch, v128.or(base3, lowestBit(first3)), 48);
      let score = scores + (group << 3);
      for (let row: usize = 0; row < GROUP_ROWS; row += 4) {
        const a = leaves + (usize(load<u8>(scratch + row)) << 3);
        const b = leaves + (usize(load<u8>(scratch + row, 1)) << 3);
        const c = leaves + (usize(load<u8>(scratch + row, 2)) << 3);
        const d = leaves + (usize(load<u8>(scratch + row, 3)) << 3);
        v128.store(score, f64x2.add(v128.load(score), v128.load64_lane(b, v128.load64_zero(a), 1)));
        v128.store(score, f64x2.add(v128.load(score, 16), v128.load64_lane(d, v128.load64_zero(c), 1)), 16);
        score += 32;
      }
    }
    tree = end;
    leaves += leafCount << 3;
  }
}

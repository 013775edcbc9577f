// Lists of rows: who learns, who goes where, what becomes of their scores. An entry has 64 bits: below the number of the
// row, above its packed derivatives, so that whoever walks a list needs no second look-up for them.

/**
 * Deals the rows from `begin` to, not including, `end` out: those learnt from go to the list at `learnt`, upwards, the
 * others to the list that ends at `others`, downwards. A row is learnt from when the hash of its number is below `limit`.
 * @param limit 0 = none is, 2^32 = all are
 * @param packed derivatives of these rows
 * @returns how many are learnt from
 */
export function dealRows(
  learnt: usize,
  others: usize,
  begin: i32,
  end: i32,
  limit: f64,
  seed: i32,
  packed: usize,
): i32 {
  let derivatives = packed;
  let up = learnt;
  if (limit >= 4294967296) {
    for (let row = begin; row < end; row++, up += 8, derivatives += 4) {
      store<u32>(up, row);
      store<i32>(up, load<i32>(derivatives), 4);
    }
    return end - begin;
  }
  let down = others;
  for (let row = begin; row < end; row++, derivatives += 4) {
    let hash = ((row + 1) ^ seed) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    hash = (hash ^ (hash >>> 16)) * 0x9e3779b1;
    const isLearnt = <usize>(<f64>(<u32>(hash ^ (hash >>> 15))) < limit) << 3;
    const entry = (<u64>load<u32>(derivatives) << 32) | <u64>(<u32>row);
    store<u64>(up, entry);
    store<u64>(down - 8, entry);
    up += isLearnt;
    down -= 8 - isLearnt;
  }
  return <i32>((up - learnt) >> 3);
}

/**
 * Moves the rows whose bin has a 1 in the table to the front, each side keeping its order.
 * @returns how many went to the front
 */
export function partition(rows: usize, count: i32, column: usize, table: usize, scratch: usize): i32 {
  let left = rows;
  let right = scratch;
  for (let at = rows, end = rows + (<usize>count << 3); at < end; at += 8) {
    const entry = load<u64>(at);
    const goesLeft = <usize>load<u8>(table + load<u8>(column + <u32>entry)) << 3;
    store<u64>(left, entry);
    store<u64>(right, entry);
    left += goesLeft;
    right += 8 - goesLeft;
  }
  memory.copy(left, scratch, right - scratch);
  return <i32>((left - rows) >> 3);
}

/** Adds a value to the scores of some rows. */
export function addToScores(scores: usize, rows: usize, count: i32, value: f64): void {
  for (let at = rows, end = rows + (<usize>count << 3); at < end; at += 8) {
    const score = scores + (load<u32>(at) << 3);
    store<f64>(score, load<f64>(score) + value);
  }
}

/**
 * Writes the residuals, target - score, of some rows that lie from `low` to `high`, in the order of the rows.
 * @param below a double that takes the number of residuals below `low`
 * @returns how many were written; `out` needs room for `count`
 */
export function collectResiduals(
  rows: usize,
  count: i32,
  scores: usize,
  targets: usize,
  low: f64,
  high: f64,
  out: usize,
  below: usize,
): i32 {
  let to = out;
  let under: i32 = 0;
  for (let at = rows, end = rows + (<usize>count << 3); at < end; at += 8) {
    const row = load<u32>(at);
    const residual = <f64>load<f32>(targets + (row << 2)) - load<f64>(scores + (row << 3));
    store<f64>(to, residual);
    under += <i32>(residual < low);
    to += (<usize>(residual >= low) & <usize>(residual <= high)) << 3;
  }
  store<f64>(below, <f64>under);
  return <i32>((to - out) >> 3);
}

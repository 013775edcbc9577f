// Sums of derivatives per bin; ../kernel/plain-histogram.ts is the same in TypeScript.

/** Rows copied together: with their bins they fit into the first-level cache beside the histograms of a few features. */
const GATHERED: i32 = 256;

/**
 * Adds rows to a histogram of 64-bit slots, each holding gradient sum * 2^32 + hessian sum, and 256 slots a column:
 * with distances known beforehand the compiled loop needs one register for all columns.
 * @param columns column numbers, `count` of them
 * @param contiguous 1 when the columns are 0, 1, 2, …
 * @param rows list of rows, as in ./rows.ts
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
  buffer: usize,
): void {
  const values = buffer + GATHERED * stride;
  for (let from = 0; from < rowCount; from += GATHERED) {
    const n = min(GATHERED, rowCount - from);
    const list = rows + (<usize>from << 3);
    const end = list + (<usize>n << 3);
    let to = buffer;
    let valueAt = values;
    if (stride == 32) {
      for (let at = list; at < end; at += 8, to += 32, valueAt += 8) {
        const entry = load<i64>(at);
        const source = bins + <u32>entry * 32;
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
        store<i64>(valueAt, unpacked(entry));
      }
    } else {
      for (let at = list; at < end; at += 8, valueAt += 8) {
        const entry = load<i64>(at);
        let source = bins + <u32>entry * stride;
        for (const stop = source + stride; source < stop; source += 16, to += 16) v128.store(to, v128.load(source));
        store<i64>(valueAt, unpacked(entry));
      }
    }
    touch(bins, stride, end, min(GATHERED, rowCount - from - n), values);
    let j = 0;
    if (contiguous) {
      for (; j + 10 <= count; j += 10) addTen(histogram + (<usize>j << 11), buffer + j, stride, values, n);
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

/** Derivatives of an entry as a slot has them. */
@inline
function unpacked(entry: i64): i64 {
  return ((entry >> 48) << 32) + ((entry >> 32) & 0xffff);
}

/**
 * Reads a byte of each of the next rows, so that they are on their way into the cache while the present ones are counted.
 * Many reads one after the other wait together; between the additions they would wait one by one.
 */
@inline
function touch(bins: usize, stride: i32, list: usize, count: i32, values: usize): void {
  let sum: i32 = 0;
  for (let at = list, end = list + (<usize>count << 3); at < end; at += 8) sum += load<u8>(bins + load<u32>(at) * stride);
  // Behind the values; without it the reads would be for nothing and left out.
  store<i32>(values + (GATHERED << 3), sum);
}

/** Ten neighbouring columns of the gathered rows. */
function addTen(histogram: usize, cells: usize, stride: i32, values: usize, n: i32): void {
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
    const slot8 = histogram + (<usize>load<u8>(at, 8) << 3);
    store<i64>(slot8, load<i64>(slot8, 16384) + value, 16384);
    const slot9 = histogram + (<usize>load<u8>(at, 9) << 3);
    store<i64>(slot9, load<i64>(slot9, 18432) + value, 18432);
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

/** `to = from` over 64-bit slots. */
export function copySlots(to: usize, from: usize, count: i32): void {
  memory.copy(to, from, <usize>count << 3);
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

/** Sums of the packed derivatives of some rows: gradient units at `sums`, hessian units behind it, as doubles. */
export function sumRows(rows: usize, count: i32, sums: usize): void {
  let g: i64 = 0;
  let h: i64 = 0;
  for (let at = rows, end = rows + (<usize>count << 3); at < end; at += 8) {
    const q = load<i32>(at, 4);
    g += <i64>(q >> 16);
    h += <i64>(q & 0xffff);
  }
  store<f64>(sums, <f64>g);
  store<f64>(sums, <f64>h, 8);
}

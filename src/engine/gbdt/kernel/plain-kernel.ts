import type { TrainKernel } from './train-operations.ts';
import { expInPlain } from './plain-exp.ts';
import { createAddRows } from './plain-histogram.ts';
import { createScanThresholds } from './plain-scan.ts';

/** Bound once: in a sandboxed context every look-up of a global is slow, and these run once a bin or row. */
const { abs, floor, fround, imul, max, min } = Math;

const PINBALL = 1;
const POISSON = 2;
const TWEEDIE = 3;
const BINARY = 4;
const SHARE = 1 / 65_536;
const LARGEST = 3e38;

/** The kernel of `../assembly/train.ts` in TypeScript: the same operations in the same order, hence the same bits. */
export function createPlainKernel(buffer: ArrayBuffer | SharedArrayBuffer): TrainKernel {
  const bytes = new Uint8Array(buffer);
  const ints = new Int32Array(buffer);
  const floats = new Float32Array(buffer);
  const doubles = new Float64Array(buffer);

  /** Copied from the memory for each cut. */
  const sides = new Uint8Array(256);
  const addRows = createAddRows(buffer);
  /** True once the rows were quantised with a hessian of 1 each. */
  let hasUnitHessians = false;

  const derivatives: TrainKernel['derivatives'] = (
    kind,
    parameter,
    begin,
    end,
    scores,
    targets,
    weights,
    gradients,
    hessians,
    statistics,
  ) => {
    const s8 = scores / 8;
    const y4 = targets / 4;
    const w4 = weights / 4;
    const g4 = gradients / 4;
    const h4 = hessians / 4;
    const below = 1 - parameter;
    const greatest = [0, 0];
    const sum = [0, 0];
    const greatestH = [0, 0];
    const sumH = [0, 0];
    // Two lanes, as the compiled kernel has them; the last of an odd number of rows stands in both.
    for (let at = begin; at < end + ((end - begin) & 1); at++) {
      const row = at < end ? at : end - 1;
      const lane = (at - begin) & 1;
      const s = doubles[s8 + row];
      const y = floats[y4 + row];
      let g: number;
      let h = 1;
      if (kind === PINBALL) g = y < s ? below : below - 1;
      else {
        let fitted = s;
        let seen = y;
        if (kind === POISSON) {
          fitted = expInPlain(s);
          h = fitted;
        } else if (kind === TWEEDIE) {
          const factor = expInPlain((1 - parameter) * s);
          fitted = expInPlain(s) * factor;
          seen = y * factor;
          h = (parameter - 1) * seen + (2 - parameter) * fitted;
        } else if (kind === BINARY) {
          fitted = 1 / (1 + expInPlain(-s));
          h = fitted * (1 - fitted);
        }
        g = fitted - seen;
        if (abs(g) <= 1e-9 * (abs(fitted) + abs(seen))) g = 0;
      }
      if (weights !== 0) {
        g = floats[w4 + row] * g;
        h = floats[w4 + row] * h;
      }
      g = max(-LARGEST, min(LARGEST, g));
      h = min(LARGEST, h);
      greatest[lane] = max(greatest[lane], abs(g));
      sum[lane] += abs(g);
      greatestH[lane] = max(greatestH[lane], h);
      sumH[lane] += h;
      floats[g4 + row] = g;
      floats[h4 + row] = h;
    }
    const at = statistics / 8;
    doubles[at] = max(greatest[0], greatest[1]);
    doubles[at + 1] = sum[0] + sum[1];
    doubles[at + 2] = max(greatestH[0], greatestH[1]);
    doubles[at + 3] = sumH[0] + sumH[1];
  };

  const quantise: TrainKernel['quantise'] = (
    begin,
    end,
    gradients,
    hessians,
    packed,
    gradientScale,
    hessianScale,
    seed,
  ) => {
    const scaleG = fround(gradientScale);
    const scaleH = fround(hessianScale);
    hasUnitHessians = scaleH === 0;
    for (let row = begin; row < end; row++) {
      let hash = imul(row ^ seed, 0x9e3779b1);
      hash = imul(hash ^ (hash >>> 15), 0x85ebca6b);
      hash ^= hash >>> 13;
      const gradient = fround(floats[gradients / 4 + row] * scaleG);
      const g = floor(fround(gradient + fround((hash >>> 16) * SHARE)));
      let h = 1;
      if (scaleH !== 0) {
        const hessian = fround(floats[hessians / 4 + row] * scaleH);
        h = floor(fround(hessian + fround((hash & 0xffff) * SHARE)));
      }
      ints[packed / 4 + row - begin] = (g << 16) | h;
    }
  };

  return {
    addRows: (...job) => addRows(hasUnitHessians, ...job),
    derivatives,
    quantise,
    clear: (at, size) => void bytes.fill(0, at, at + size),
    copySlots(to, from, count) {
      const list = ints;
      for (let at = to >>> 2, read = from >>> 2, end = at + 2 * count; at < end; at++, read++) list[at] = list[read];
    },
    addSlots(to, from, count) {
      const list = ints;
      for (let at = to >>> 2, read = from >>> 2, end = at + 2 * count; at < end; at++, read++) list[at] += list[read];
    },
    subtractSlots(to, from, count) {
      const list = ints;
      for (let at = to >>> 2, read = from >>> 2, end = at + 2 * count; at < end; at++, read++) list[at] -= list[read];
    },
    partition(rows, count, column, table, scratch) {
      const [cells, list] = [bytes, ints];
      const begin = rows >>> 2;
      const spare = scratch >>> 2;
      sides.set(bytes.subarray(table, table + 256));
      const side = sides;
      let left = begin;
      let right = spare;
      for (let at = begin, end = begin + 2 * count; at < end; at += 2) {
        const row = list[at];
        const packed = list[at + 1];
        const goesLeft = side[cells[column + row]] << 1;
        list[left] = row;
        list[left + 1] = packed;
        list[right] = row;
        list[right + 1] = packed;
        left += goesLeft;
        right += 2 - goesLeft;
      }
      ints.copyWithin(left, spare, right);
      return (left - begin) >> 1;
    },
    addToScores(scores, rows, count, value) {
      const [to, list] = [doubles, ints];
      const s8 = scores / 8;
      for (let at = rows >>> 2, end = at + 2 * count; at < end; at += 2) to[s8 + list[at]] += value;
    },
    scanThresholds: createScanThresholds(buffer),
    dealRows(learnt, others, begin, end, limit, seed, packed) {
      const list = ints;
      const first = learnt >>> 2;
      let up = first;
      let down = others >>> 2;
      for (let row = begin, from = packed >>> 2; row < end; row++, from++) {
        let hash = imul((row + 1) ^ seed, 0x85ebca6b);
        hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
        hash = imul(hash ^ (hash >>> 16), 0x9e3779b1);
        const isLearnt = (hash ^ (hash >>> 15)) >>> 0 < limit;
        if (!isLearnt) down -= 2;
        const at = isLearnt ? up : down;
        list[at] = row;
        list[at + 1] = list[from];
        if (isLearnt) up += 2;
      }
      return (up - first) >> 1;
    },
    collectResiduals(rows, count, scores, targets, low, high, out, below) {
      const [list, s, y] = [ints, doubles, floats];
      const s8 = scores / 8;
      const y4 = targets / 4;
      const first = out / 8;
      let to = first;
      let under = 0;
      for (let at = rows >>> 2, end = at + 2 * count; at < end; at += 2) {
        const row = list[at];
        const residual = y[y4 + row] - s[s8 + row];
        if (residual < low) under++;
        else if (residual <= high) s[to++] = residual;
      }
      s[below / 8] = under;
      return to - first;
    },
    sumRows(rows, count, sums) {
      let g = 0;
      let h = 0;
      for (let at = rows / 4 + 1, end = at + 2 * count; at < end; at += 2) {
        g += ints[at] >> 16;
        h += ints[at] & 0xffff;
      }
      doubles[sums / 8] = g;
      doubles[sums / 8 + 1] = h;
    },
  };
}

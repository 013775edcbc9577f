import type { TrainKernel } from './train-operations.ts';

/** The search of `../assembly/scan.ts` in TypeScript: the same operations in the same order. */
export function createScanThresholds(buffer: ArrayBuffer | SharedArrayBuffer): TrainKernel['scanThresholds'] {
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  return (cells, bins, gradient, hessian, gradientUnit, hessianUnit, lambda, least, unsplit, start, out) => {
    const first = cells >>> 2;
    const list = ints;
    const missingH = list[first] >>> 0;
    const missingG = list[first + 1];
    const hasMissing = missingH > 0 || missingG !== 0;
    const g = gradient * gradientUnit;
    const h = hessian * hessianUnit;
    let best = start;
    let found = 0;
    for (let pass = 0; pass < (hasMissing ? 2 : 1); pass++) {
      const last = hasMissing && pass === 0 ? bins : bins - 1;
      let sumG = pass === 1 ? missingG : 0;
      let sumH = pass === 1 ? missingH : 0;
      for (let bin = 1, at = first + 2; bin <= last; bin++, at += 2) {
        const cellH = list[at] >>> 0;
        if (cellH === 0 && list[at + 1] === 0) continue;
        sumH += cellH;
        sumG += list[at + 1];
        if (sumH < least) continue;
        if (hessian - sumH < least) break;
        const gl = sumG * gradientUnit;
        const hl = sumH * hessianUnit;
        const gr = g - gl;
        const hr = h - hl;
        const gain = (gl * gl) / (hl + lambda) + (gr * gr) / (hr + lambda) - unsplit;
        if (gain > best) {
          best = gain;
          found = 1;
          const to = out / 8;
          doubles[to] = gain;
          doubles[to + 1] = bin;
          doubles[to + 2] = hasMissing ? pass : 2 * sumH >= hessian ? 1 : 0;
          doubles[to + 3] = sumG;
          doubles[to + 4] = sumH;
        }
      }
    }
    return found;
  };
}

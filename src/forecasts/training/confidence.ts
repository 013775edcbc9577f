/** Share of the days that P10..P90 shall contain. */
export const NOMINAL_COVERAGE = 0.8;
/** A hold-out of a few days says little about coverage; beyond these bounds it is noise. */
const LEAST_FACTOR = 0.5;
const GREATEST_FACTOR = 2;

/**
 * How far the intervals have to be trusted less (above 1) or more (below 1) than their width says: nominal over measured
 * coverage, between 0.5 and 2. 1 where nothing was measured.
 */
export function calibrationFactor(measuredCoverage: number | null): number {
  if (measuredCoverage === null || !(measuredCoverage >= 0)) return 1;
  return Math.min(GREATEST_FACTOR, Math.max(LEAST_FACTOR, NOMINAL_COVERAGE / Math.max(measuredCoverage, 1e-9)));
}

/**
 * Confidence score of a forecast day, 0..1: `1 - w * factor`, where `w = (p90 - p10) / (p90 - p10 + 2 * mean)` is the
 * width of the 80 % interval on a scale from 0 (the quantity is certain) towards 1 (the interval dwarfs the quantity) and
 * `factor` is that of {@link calibrationFactor}.
 */
export function confidenceScore(mean: number, p10: number, p90: number, factor: number): number {
  const width = p90 - p10;
  const scale = width + 2 * mean;
  const normalised = scale > 0 ? width / scale : 0;
  return Math.min(1, Math.max(0, 1 - normalised * factor));
}

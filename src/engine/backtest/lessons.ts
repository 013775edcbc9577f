import { combineMembers } from '../ensemble/combine.ts';
import { COLD_START_SEGMENT, SEGMENTS, SPARSE_SEGMENTS } from '../ensemble/segments.ts';
import { learnWeights, type MemberOutcomes } from '../ensemble/weights.ts';
import { defaultCalibration } from '../intervals/calibration.ts';
import { calibrateFolds } from '../intervals/held-out.ts';
import { alignMeans } from '../pipeline/assemble.ts';
import type { Lessons } from '../pipeline/fitted.ts';
import { totalsByProduct, type ProductRows } from '../pipeline/products.ts';
import type { SegmentWeights } from '../pipeline/types.ts';
import { chooseExponents } from './exponents.ts';
import type { Fold } from './fold.ts';

/** Weights where nothing could be learned: plain models that hardly ever go far wrong. */
const PLAIN_WEIGHTS: readonly Readonly<Record<string, number>>[] = [
  { smoothed_level: 0.5, weekday_mean: 0.25, intermittent: 0.25 },
  { ets: 0.4, theta: 0.4, tsb: 0.2 },
];

/**
 * Learns everything that comes from looking at past errors: the weights of the members, how far to align, and the
 * spread of the outcomes. No fold: plain weights and wide intervals.
 * @param memberNames members there are where no fold tells
 */
export function learnLessons(folds: readonly Fold[], memberNames: readonly string[]): Lessons {
  if (folds.length === 0) {
    const members = [...memberNames];
    return {
      exponents: { shelf: 0, location: 0 },
      weights: withColdStart(SEGMENTS.map((segment) => ({ segment, members, weights: plainWeights(members) }))),
      calibrations: SEGMENTS.map(() => defaultCalibration(1)),
      productCalibration: defaultCalibration(1),
    };
  }
  const horizon = folds[0].days;
  const outcomes = outcomesOf(folds);
  const established = withoutColdStart(outcomes);
  const weights = withColdStart(learnWeights(established, plainWeights(established.names)));
  const combined = folds.map(({ members, origin }) =>
    combineMembers(members.names, members.means, weights, origin.segmentOf, horizon),
  );
  const exponents = chooseExponents(folds, combined);
  const means = folds.map(({ origin, sums }, f) => alignMeans(origin, combined[f], sums, exponents, horizon));
  return { exponents, weights, ...calibrationsOf(folds, means, horizon) };
}

function calibrationsOf(folds: readonly Fold[], means: readonly Float32Array[], horizon: number) {
  const totals = folds.map(({ origin, actual }, f): ProductRows =>
    totalsByProduct(origin.panel, horizon, { mean: means[f], actual, dispersion: origin.dispersion }),
  );
  return {
    calibrations: calibrateFolds(
      folds.map(({ actual, origin }, f) => ({
        mean: means[f],
        actual,
        dispersion: origin.dispersion,
        groupOf: origin.segmentOf,
        horizon,
      })),
      SEGMENTS.length,
    ),
    productCalibration: calibrateFolds(
      totals.map(({ mean, actual, dispersion }) => ({
        mean,
        actual,
        dispersion,
        groupOf: new Uint8Array(dispersion.length),
        horizon,
      })),
      1,
    )[0],
  };
}

function outcomesOf(folds: readonly Fold[]): MemberOutcomes {
  return {
    names: folds[0].members.names,
    forecasts: folds[0].members.names.map((_, m) => concatenate(folds.map((fold) => fold.members.means[m]))),
    actual: concatenate(folds.map((fold) => fold.actual)),
    segmentOf: concatenateBytes(
      folds.map((fold) => Uint8Array.from(fold.actual, (_, i) => fold.origin.segmentOf[Math.floor(i / fold.days)])),
    ),
    segments: SEGMENTS,
    origins: folds.length,
    sparse: SEGMENTS.map((segment) => SPARSE_SEGMENTS.includes(segment)),
  };
}

/** The forecast for young series is no candidate for the others: it ignores all but their last weeks. */
function withoutColdStart(outcomes: MemberOutcomes): MemberOutcomes {
  const kept = (_: unknown, m: number) => outcomes.names[m] !== 'cold_start';
  return { ...outcomes, names: outcomes.names.filter(kept), forecasts: outcomes.forecasts.filter(kept) };
}

/** Series that hardly sold yet take the forecast made for them, whatever the folds say about a handful of others. */
function withColdStart(weights: readonly SegmentWeights[]): SegmentWeights[] {
  return weights.map((segment, index) =>
    index === COLD_START_SEGMENT ? { ...segment, members: ['cold_start'], weights: [1] } : segment,
  );
}

function plainWeights(names: readonly string[]): number[] {
  const plain = PLAIN_WEIGHTS.find((weights) => Object.keys(weights).every((name) => names.includes(name))) ?? {};
  return names.map((name) => plain[name] ?? 0);
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  return fill(parts, new Float32Array(totalLength(parts)));
}

function concatenateBytes(parts: readonly Uint8Array[]): Uint8Array {
  return fill(parts, new Uint8Array(totalLength(parts)));
}

function totalLength(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function fill<T extends Float32Array | Uint8Array>(parts: readonly T[], out: T): T {
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

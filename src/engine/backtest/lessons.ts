import { combineMembers } from '../ensemble/combine.ts';
import { COLD_START_SEGMENT, SEGMENTS, SPARSE_SEGMENTS } from '../ensemble/segments.ts';
import { learnWeights, type MemberOutcomes } from '../ensemble/weights.ts';
import { calibrate, calibrateGroups, defaultCalibration } from '../intervals/calibration.ts';
import { alignMeans } from '../pipeline/assemble.ts';
import type { Lessons } from '../pipeline/fitted.ts';
import { totalsByProduct, type ProductRows } from '../pipeline/products.ts';
import type { SegmentWeights } from '../pipeline/types.ts';
import { chooseExponents } from './exponents.ts';
import type { Fold } from './fold.ts';

/** Weights where nothing could be learned: plain models that hardly ever go far wrong. */
const PLAIN_WEIGHTS: Readonly<Record<string, number>> = {
  smoothed_level: 0.5,
  weekday_mean: 0.25,
  intermittent: 0.25,
  ets: 0.5,
  season_mean: 0.25,
  tsb: 0.25,
};

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
  return { exponents, weights, ...calibrateFolds(folds, means, horizon) };
}

function calibrateFolds(folds: readonly Fold[], means: readonly Float32Array[], horizon: number) {
  const totals = folds.map(({ origin, actual }, f): ProductRows =>
    totalsByProduct(origin.panel, horizon, { mean: means[f], actual, dispersion: origin.dispersion }),
  );
  return {
    calibrations: calibrateGroups(
      {
        mean: concatenate(means),
        actual: concatenate(folds.map((fold) => fold.actual)),
        dispersion: concatenate(folds.map((fold) => fold.origin.dispersion)),
        horizon,
      },
      concatenateBytes(folds.map((fold) => fold.origin.segmentOf)),
      SEGMENTS.length,
    ),
    productCalibration: calibrate({
      mean: concatenate(totals.map((total) => total.mean)),
      actual: concatenate(totals.map((total) => total.actual)),
      dispersion: concatenate(totals.map((total) => total.dispersion)),
      horizon,
    }),
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
  return names.map((name) => PLAIN_WEIGHTS[name] ?? 0);
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

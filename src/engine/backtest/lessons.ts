import { combineMembers } from '../ensemble/combine.ts';
import { SIMPLE_MEMBERS } from '../ensemble/members.ts';
import { COLD_START_SEGMENT, SEGMENTS, SPARSE_SEGMENTS } from '../ensemble/segments.ts';
import { absoluteLoss, learnWeights, usableActuals, type MemberOutcomes } from '../ensemble/weights.ts';
import { calibrate, defaultCalibration } from '../intervals/calibration.ts';
import type { AlignmentExponents, Lessons } from '../pipeline/fitted.ts';
import { alignedMembers } from '../pipeline/origin.ts';
import { totalsByProduct, type ProductRows } from '../pipeline/products.ts';
import type { SegmentWeights } from '../pipeline/types.ts';
import type { Fold } from './fold.ts';

/** How far the alignment may follow the forecasts of the sums; 0 leaves the items alone. */
const EXPONENTS = [0, 0.35, 0.7, 1];
/** An alignment must better the loss by this share: smaller gains are luck. */
const LEAST_GAIN = 0.002;

/** Weights where nothing could be learned: plain models that hardly ever go far wrong. */
const PLAIN_WEIGHTS: Readonly<Record<string, number>> = { smoothed_level: 0.5, weekday_mean: 0.25, intermittent: 0.25 };

/** Exponents that would have served best on the folds. */
export function chooseExponents(folds: readonly Fold[]): AlignmentExponents {
  const none = { shelf: 0, location: 0 };
  if (folds.length === 0 || !folds[0].members.names.includes('boosted')) return none;
  const loss = (exponents: AlignmentExponents) =>
    folds.reduce((sum, { origin, members, days, sums, actual }) => {
      const [aligned] = alignedMembers(origin, members, days, sums, exponents).means.slice(-1);
      const known = usableActuals(actual);
      return (
        sum +
        absoluteLoss(
          Float64Array.from(known, (i) => aligned[i]),
          actual,
          known,
        )
      );
    }, 0);
  let best: AlignmentExponents = none;
  let least = loss(none) * (1 - LEAST_GAIN);
  for (const shelf of EXPONENTS) {
    for (const location of EXPONENTS) {
      const candidate = loss({ shelf, location });
      if (candidate >= least) continue;
      least = candidate;
      best = { shelf, location };
    }
  }
  return best;
}

/** Learns everything that comes from looking at past errors. No fold: plain weights and wide intervals. */
export function learnLessons(folds: readonly Fold[], exponents: AlignmentExponents): Lessons {
  if (folds.length === 0) {
    const members = [...SIMPLE_MEMBERS];
    return {
      exponents,
      weights: withColdStart(SEGMENTS.map((segment) => ({ segment, members, weights: plainWeights(members) }))),
      calibration: defaultCalibration(1),
      productCalibration: defaultCalibration(1),
    };
  }
  const outcomes = outcomesOf(folds, exponents);
  const established = withoutColdStart(outcomes);
  const weights = withColdStart(learnWeights(established, plainWeights(established.names)));
  const horizon = folds[0].days;
  const rows = concatenateBytes(folds.map((fold) => fold.origin.segmentOf));
  const mean = combineMembers(outcomes.names, outcomes.forecasts, weights, rows, horizon);
  const dispersion = concatenate(folds.map((fold) => fold.origin.dispersion));
  const totals = folds.map((fold, f): ProductRows => {
    const size = fold.actual.length;
    return totalsByProduct(fold.origin.panel, horizon, {
      mean: mean.subarray(f * size, (f + 1) * size),
      actual: fold.actual,
      dispersion: fold.origin.dispersion,
    });
  });
  return {
    exponents,
    weights,
    calibration: calibrate({ mean, actual: outcomes.actual, dispersion, horizon }),
    productCalibration: calibrate({
      mean: concatenate(totals.map((total) => total.mean)),
      actual: concatenate(totals.map((total) => total.actual)),
      dispersion: concatenate(totals.map((total) => total.dispersion)),
      horizon,
    }),
  };
}

function outcomesOf(folds: readonly Fold[], exponents: AlignmentExponents): MemberOutcomes {
  const members = folds.map((fold) => alignedMembers(fold.origin, fold.members, fold.days, fold.sums, exponents));
  return {
    names: members[0].names,
    forecasts: members[0].names.map((_, m) => concatenate(members.map((fold) => fold.means[m]))),
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

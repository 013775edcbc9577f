import type { Fold } from '../backtest/fold.ts';
import { InvalidInputError } from '../errors.ts';
import { lastPeriodOf } from '../series/availability.ts';
import type { MemberForecasts, Origin } from './origin.ts';
import type { ExtraMember } from './types.ts';

/**
 * The extra members whose weights can be learned on the folds and which are there at the origin to forecast from. None
 * without folds. One that is missing anywhere is left out altogether: weights learned with it would not suit the rest.
 * @param cut periods visible at the origin to forecast from
 */
export function joiningMembers(
  extra: readonly ExtraMember[],
  folds: readonly Fold[],
  cut: number,
): readonly ExtraMember[] {
  if (folds.length === 0) return [];
  const cuts = [...folds.map(({ origin }) => origin.panel.periodCount), cut];
  return extra.filter(({ meansAt }) => cuts.every((at) => meansAt.has(at)));
}

/** The folds with further members beside their own. @throws InvalidInputError see {@link joinMembers} */
export function joinFolds(folds: readonly Fold[], extra: readonly ExtraMember[]): readonly Fold[] {
  if (extra.length === 0) return folds;
  return folds.map((fold) => ({ ...fold, members: joinMembers(fold.members, fold.origin, extra, fold.days) }));
}

/**
 * Adds extra members to the others at an origin at which they have forecasts. What they do not forecast takes the mean
 * of the others, the forecast made for young series aside; ended series forecast nothing.
 * @throws InvalidInputError where a name is taken or an array has another length than `seriesCount * horizon`
 */
export function joinMembers(
  members: MemberForecasts,
  origin: Origin,
  extra: readonly ExtraMember[],
  horizon: number,
): MemberForecasts {
  const names = [...members.names];
  const means = [...members.means];
  const others = members.means.filter((_, m) => members.names[m] !== 'cold_start');
  for (const { name, meansAt } of extra) {
    const given = meansAt.get(origin.panel.periodCount);
    if (given === undefined) continue;
    if (names.includes(name)) throw new InvalidInputError(`extraMembers names ${name}, which is a member already`);
    names.push(name);
    means.push(completed(name, given, others, origin, horizon));
  }
  return { names, means, ownWeight: members.ownWeight };
}

function completed(
  name: string,
  given: Float32Array,
  others: readonly Float32Array[],
  { panel }: Origin,
  horizon: number,
): Float32Array {
  const size = panel.seriesCount * horizon;
  if (given.length !== size)
    throw new InvalidInputError(
      `extraMembers: ${name} has ${given.length} means at period ${panel.periodCount}, expected ${size}`,
    );
  const mean = given.slice();
  for (let i = 0; i < size; i++)
    if (!(mean[i] >= 0 && mean[i] < Infinity))
      mean[i] = others.reduce((sum, other) => sum + other[i], 0) / others.length;
  for (let s = 0; s < panel.seriesCount; s++)
    if (lastPeriodOf(panel, s) < panel.periodCount - 1) mean.fill(0, s * horizon, (s + 1) * horizon);
  return mean;
}

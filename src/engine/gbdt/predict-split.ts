import { InvalidInputError } from '../errors.ts';
import type { FeatureColumns, Forest } from './types.ts';

const { abs } = Math;

export const HIGHEST_FLOAT32 = 3.4028234663852886e38;

/**
 * For each feature of a model its column in `data`, found by name; extra columns are ignored.
 * @throws InvalidInputError when a feature is missing or its column has another length
 */
export function columnsByName(featureNames: readonly string[], data: FeatureColumns): Float32Array[] {
  const position = new Map(data.names.map((name, i) => [name, i]));
  return featureNames.map((name) => {
    const column = data.columns[position.get(name) ?? -1];
    if (column === undefined) throw new InvalidInputError(`data lacks the feature ${name}`);
    if (column.length !== data.rowCount)
      throw new InvalidInputError(`feature ${name} must have ${data.rowCount} entries`);
    return column;
  });
}

/** True when the set of categories at `at` of `categoryBits` holds `value`; only whole numbers from 0 on can be held. */
export function inCategorySet(categoryBits: Uint32Array, at: number, value: number): boolean {
  const category = value | 0;
  if (category !== value || category < 0) return false;
  const word = category >>> 5;
  return word < categoryBits[at] && ((categoryBits[at + 1 + word] >>> (category & 31)) & 1) === 1;
}

/** The branch a value takes at a split. What is not a finite number counts as missing. */
export function goesLeft(forest: Forest, node: number, value: number): boolean {
  if (!(abs(value) <= HIGHEST_FLOAT32)) return forest.missingLeft[node] === 1;
  const at = forest.categoryAt[node];
  return at < 0 ? value <= forest.threshold[node] : inCategorySet(forest.categoryBits, at, value);
}

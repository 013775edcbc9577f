import { DEFAULT_BOOSTER_PARAMS } from '../../src/engine/gbdt/params.ts';
import type { Booster, BoosterParams, FeatureColumns } from '../../src/engine/gbdt/types.ts';
import type { Rng } from '../../src/engine/rng.ts';

const HIGHEST_CATEGORY = 70;

/** Size of a random forest; `categorical` are the features split by category. */
export interface ForestShape {
  readonly trees: number;
  /** Leaves of each tree, at least 1. */
  readonly leaves: number;
  readonly features: number;
  readonly categorical: readonly number[];
  /** Thresholds lie on this many points, 20 if absent. */
  readonly grid?: number;
  readonly loss?: BoosterParams['loss'];
}

/** A booster of random trees with thresholds, category sets, missing branches and covers, but no meaning. */
export function randomBooster(rng: Rng, shape: ForestShape): Booster {
  const { trees, leaves, features, categorical, grid = 20 } = shape;
  const nodes = trees * (2 * leaves - 1);
  const forest = {
    treeStart: Int32Array.from({ length: trees + 1 }, (_, t) => t * (2 * leaves - 1)),
    feature: new Int32Array(nodes).fill(-1),
    threshold: new Float32Array(nodes),
    missingLeft: new Uint8Array(nodes),
    left: new Int32Array(nodes).fill(-1),
    right: new Int32Array(nodes).fill(-1),
    value: new Float64Array(nodes),
    cover: new Float64Array(nodes),
    gain: new Float64Array(nodes),
    categoryAt: new Int32Array(nodes).fill(-1),
    categoryBits: new Uint32Array(0),
  };
  const bits: number[] = [];
  const below = (limit: number): number => Math.floor(rng() * limit);
  for (let tree = 0; tree < trees; tree++) {
    const root = forest.treeStart[tree];
    const open = [root];
    forest.cover[root] = 10_000;
    for (let next = root + 1; next < forest.treeStart[tree + 1]; next += 2) {
      const [node] = open.splice(below(open.length), 1);
      const feature = below(features);
      forest.feature[node] = feature;
      forest.missingLeft[node] = below(2);
      forest.gain[node] = rng();
      if (categorical.includes(feature)) {
        forest.categoryAt[node] = bits.length;
        const words = 1 + below(2);
        bits.push(words);
        for (let word = 0; word < words; word++) bits.push(below(2 ** 32));
      } else forest.threshold[node] = below(grid) / 8;
      forest.left[node] = next;
      forest.right[node] = next + 1;
      forest.cover[next] = 1 + below(forest.cover[node] - 1);
      forest.cover[next + 1] = Math.max(1, forest.cover[node] - forest.cover[next]);
      open.push(next, next + 1);
    }
    for (const leaf of open) forest.value[leaf] = rng() - 0.5;
  }
  forest.categoryBits = Uint32Array.from(bits);
  return {
    params: { ...DEFAULT_BOOSTER_PARAMS, loss: shape.loss ?? { kind: 'squared' }, trees },
    featureNames: Array.from({ length: features }, (_, f) => `f${f}`),
    baseScore: 0.25,
    forest,
  };
}

/** Rows on the thresholds' grid, with missing, infinite and odd values. */
export function randomRows(
  rng: Rng,
  names: readonly string[],
  categorical: readonly number[],
  rowCount: number,
  grid = 20,
): FeatureColumns {
  const odd = [NaN, NaN, Infinity, -Infinity, -1, 2.5, 1e9, -0];
  const columns = names.map((_, f) =>
    Float32Array.from({ length: rowCount }, () => {
      if (rng() < 0.15) return odd[Math.floor(rng() * odd.length)];
      return categorical.includes(f) ? Math.floor(rng() * HIGHEST_CATEGORY) : (rng() * (grid + 2) - 1) / 8;
    }).map((value) => (categorical.includes(f) || rng() < 0.5 ? value : Math.round(value * 8) / 8)),
  );
  return { names, columns, rowCount };
}

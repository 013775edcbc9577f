import { InvalidInputError } from '../errors.ts';
import { createRng } from '../rng.ts';
import type { CommonErrors, ShockGroup } from './common-errors.ts';
import { normalScores } from './normal-scores.ts';
import { createQuantileGrid } from './quantile-function.ts';
import { createRankOrder } from './rank-order.ts';

const { floor, sqrt, imul } = Math;

/** Forecast distributions of rows × periods and how their errors go together. */
export interface PathSettings {
  /** Expected units, `[rows * horizon]`. */
  readonly mean: ArrayLike<number>;
  /** One array per level like `mean`; never negative, never crossing. */
  readonly quantiles: readonly ArrayLike<number>[];
  readonly levels: readonly number[];
  readonly horizon: number;
  /** One per share in `errors`, in its order. */
  readonly groups: readonly ShockGroup[];
  readonly errors: CommonErrors;
  /** Number of paths, 2..4096. */
  readonly paths: number;
  readonly seed: number;
}

/**
 * Joint scenarios of demand. The paths of a row depend on the settings alone, not on which other rows are asked for, so
 * any subset can be drawn when needed and nothing large is kept.
 */
export interface SamplePaths {
  readonly rows: number;
  readonly horizon: number;
  readonly paths: number;
  /** Writes one row's demand, period `h` of path `p` at `h * paths + p`. @param out `[horizon * paths]` */
  readonly fill: (row: number, out: Float32Array) => void;
}

/** More paths than this sharpen no quantile that is shown. */
const MOST_PATHS = 4096;
/** Shocks of a group are kept if they fit into this many numbers, and drawn again for each row otherwise. */
const KEPT_SHOCKS = 2 ** 25;
/** Normal values to draw from: so many that ranks cannot tell, and no logarithm is taken per draw. */
const NORMALS = normalScores(4096);

/**
 * Sample paths whose every row and period has the given quantiles and mean while errors go together across rows and
 * periods: a Gaussian copula of shocks shared by groups of rows, each following an AR(1) process, decides the ranks of
 * the paths (Schaake & Clark's shuffle with a model in place of history), and the quantile function gives the values.
 * @throws InvalidInputError on settings that do not fit together
 */
export function createSamplePaths(settings: PathSettings): SamplePaths {
  const { mean, quantiles, levels, horizon, groups, errors, paths, seed } = settings;
  if (!(paths >= 2 && paths <= MOST_PATHS)) throw new InvalidInputError(`paths must be 2..${MOST_PATHS}`);
  if (groups.length !== errors.shares.length) throw new InvalidInputError('Every shared error takes a group of rows');
  const rows = mean.length / horizon;
  const grid = createQuantileGrid(levels, paths);
  const cells = horizon * paths;
  const draw = (group: number, node: number, persistence: number, out: Float32Array) =>
    drawShocks(mixSeeds(seed, group, node), persistence, paths, out);
  const shared = groups.map(({ nodeOf, count }, g) => {
    const persistence = errors.persistence[g];
    const loading = sqrt(errors.shares[g]);
    if (loading > 0 && count * cells <= KEPT_SHOCKS) {
      const kept = new Float32Array(count * cells);
      for (let node = 0; node < count; node++)
        draw(g, node, persistence, kept.subarray(node * cells, (node + 1) * cells));
      return { loading, of: (row: number) => kept.subarray(nodeOf[row] * cells, (nodeOf[row] + 1) * cells) };
    }
    const drawn = new Float32Array(cells);
    return {
      loading,
      of: (row: number) => {
        draw(g, nodeOf[row], persistence, drawn);
        return drawn;
      },
    };
  });
  const ownLoading = sqrt(1 - errors.shares.reduce((sum, share) => sum + share, 0));
  const score = new Float32Array(cells);
  const values = new Float64Array(paths);
  const place = createRankOrder(paths);

  const fill = (row: number, out: Float32Array): void => {
    draw(groups.length, row, errors.ownPersistence, score);
    for (let i = 0; i < cells; i++) score[i] *= ownLoading;
    for (const { loading, of } of shared) {
      if (loading === 0) continue;
      const shock = of(row);
      for (let i = 0; i < cells; i++) score[i] += loading * shock[i];
    }
    for (let h = 0; h < horizon; h++) {
      const at = row * horizon + h;
      const from = h * paths;
      if (!(mean[at] > 0)) {
        out.fill(0, from, from + paths);
        continue;
      }
      grid.fill(quantiles, at, mean[at], values);
      place(score, from, values, out);
    }
  };
  return { rows, horizon, paths, fill };
}

/** Stationary AR(1) processes with standard normal values, one per path, period by period. */
function drawShocks(seed: number, persistence: number, paths: number, out: Float32Array): void {
  const rng = createRng(seed);
  const fresh = sqrt(1 - persistence * persistence);
  for (let i = 0; i < out.length; i++) out[i] = NORMALS[floor(rng() * NORMALS.length)];
  for (let i = paths; i < out.length; i++) out[i] = persistence * out[i - paths] + fresh * out[i];
}

/** One seed out of three numbers, by multiplication and folding so that neighbours share nothing. */
function mixSeeds(seed: number, group: number, node: number): number {
  let mixed = seed | 0;
  for (const part of [group, node]) {
    mixed = imul(mixed ^ (part + 0x9e3779b9), 0x85ebca6b);
    mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed;
}

import { normalScores } from './normal-scores.ts';
import { createQuantileGrid } from './quantile-function.ts';

/** A partition of the rows whose members share a shock. */
export interface ShockGroup {
  readonly nodeOf: ArrayLike<number>;
  readonly count: number;
}

/** How forecast errors go together, in standard deviations of a Gaussian copula; plain data. */
export interface CommonErrors {
  /** Share of each group's shock in the variance of a row's error; together at most 1. */
  readonly shares: readonly number[];
  /** First-order autocorrelation of each group's shock from period to period, 0..1. */
  readonly persistence: readonly number[];
  /** The same for what a row has of its own. */
  readonly ownPersistence: number;
}

/** Past forecasts with quantiles, and what came. */
export interface ErrorFold {
  /** `[rows * horizon]`. */
  readonly mean: ArrayLike<number>;
  /** Units of the same shape; a period with NaN is left out. */
  readonly actual: ArrayLike<number>;
  readonly quantiles: readonly ArrayLike<number>[];
  readonly levels: readonly number[];
  readonly horizon: number;
}

/** Errors that have nothing in common. */
export function independentErrors(groups: number): CommonErrors {
  return {
    shares: new Array<number>(groups).fill(0),
    persistence: new Array<number>(groups).fill(0),
    ownPersistence: 0,
  };
}

/** Probabilities at which a distribution is read to find how strongly it follows a shock. */
const GRID = 64;
/** The shared shocks leave a row at least this share of its own. */
const LEAST_OWN = 0.05;
const GREATEST_PERSISTENCE = 0.98;

/**
 * Learns shares and persistence from backtest errors by the method of moments. For every group the products of errors
 * of different rows in the same node tell the variance of what they share; the same products across periods tell how
 * long it lasts, measured such that the variance of the sum over the whole horizon comes out right.
 * @param groups from coarse to fine; the rows of a fold are numbered alike
 */
export function learnCommonErrors(folds: readonly ErrorFold[], groups: readonly ShockGroup[]): CommonErrors {
  const size = groups.length;
  if (folds.length === 0 || size === 0) return independentErrors(size);
  const now = new Moments(size);
  const across = new Moments(size);
  const own = { product: 0, strength: 0 };
  let horizon = 1;
  for (const fold of folds) {
    horizon = fold.horizon;
    const { error, strength } = errorsOf(fold);
    groups.forEach((group, equation) => addMoments(groups, group, equation, error, strength, horizon, now, across));
    for (let at = 0; at < error.length; at += horizon) {
      let sum = 0;
      let whole = 0;
      for (let i = at; i < at + horizon; i++) {
        sum += error[i];
        whole += strength[i];
        own.product -= error[i] ** 2;
        own.strength -= strength[i] ** 2;
      }
      own.product += sum ** 2;
      own.strength += whole ** 2;
    }
  }
  const shares = now.solve();
  const total = shares.reduce((sum, share) => sum + share, 0);
  const kept = shares.map((share) => (total > 1 - LEAST_OWN ? (share * (1 - LEAST_OWN)) / total : share));
  const lasting = across.solve();
  const averages = kept.map((share, g) => (share > 0 ? Math.min(1, lasting[g] / shares[g]) : 0));
  const ownShare = 1 - kept.reduce((sum, share) => sum + share, 0);
  const explained = kept.reduce((sum, share, g) => sum + share * averages[g], 0);
  const ownAverage = own.strength > 0 ? (own.product / own.strength - explained) / ownShare : 0;
  return {
    shares: kept,
    persistence: averages.map((average) => persistenceOf(average, horizon)),
    ownPersistence: persistenceOf(ownAverage, horizon),
  };
}

/** One linear equation per group: what is measured at its nodes is the sum of what each group's shock puts there. */
class Moments {
  private readonly measured: Float64Array;
  private readonly factor: Float64Array;

  constructor(private readonly size: number) {
    this.measured = new Float64Array(size);
    this.factor = new Float64Array(size * size);
  }

  add(equation: number, measured: number, factors: ArrayLike<number>): void {
    this.measured[equation] += measured;
    for (let g = 0; g < this.size; g++) this.factor[equation * this.size + g] += factors[g];
  }

  /** Non-negative least squares by cyclic coordinate descent, every equation scaled to its own group. */
  solve(): number[] {
    const { size } = this;
    const scale = Float64Array.from(this.measured, (_, e) => this.factor[e * size + e] || 1);
    const shares = new Array<number>(size).fill(0);
    for (let round = 0; round < 500; round++) {
      for (let g = 0; g < size; g++) {
        let pull = 0;
        let weight = 0;
        for (let e = 0; e < size; e++) {
          let residual = this.measured[e];
          for (let k = 0; k < size; k++) if (k !== g) residual -= this.factor[e * size + k] * shares[k];
          const slope = this.factor[e * size + g] / scale[e];
          pull += slope * (residual / scale[e]);
          weight += slope * slope;
        }
        shares[g] = weight > 0 ? Math.max(0, pull / weight) : 0;
      }
    }
    return shares;
  }
}

/** Errors, and by how much demand follows a standard normal shock: E[z · Q(Φ(z))]. Both 0 where nothing is known. */
function errorsOf({ mean, actual, quantiles, levels }: ErrorFold): { error: Float64Array; strength: Float64Array } {
  const grid = createQuantileGrid(levels, GRID);
  const normal = normalScores(GRID).map((score) => score / GRID);
  const values = new Float64Array(GRID);
  const error = new Float64Array(mean.length);
  const strength = new Float64Array(mean.length);
  for (let i = 0; i < mean.length; i++) {
    if (!(mean[i] > 0 && actual[i] >= 0)) continue;
    grid.fill(quantiles, i, mean[i], values);
    error[i] = actual[i] - mean[i];
    for (let k = 0; k < GRID; k++) strength[i] += values[k] * normal[k];
  }
  return { error, strength };
}

/** Adds the equation of one group for one fold, relative to the size of each node so that all nodes count. */
function addMoments(
  groups: readonly ShockGroup[],
  group: ShockGroup,
  equation: number,
  error: Float64Array,
  strength: Float64Array,
  horizon: number,
  now: Moments,
  across: Moments,
): void {
  const members = Array.from({ length: group.count }, (): number[] => []);
  for (let row = 0; row < error.length / horizon; row++) members[group.nodeOf[row]].push(row);
  for (const rows of members) {
    if (rows.length < 2) continue;
    let size = 0;
    for (const row of rows) for (let h = 0; h < horizon; h++) size += strength[row * horizon + h];
    size /= horizon;
    if (!(size > 0)) continue;
    const apart = pairProducts(rows, () => 0, error, horizon, size);
    const alone = pairProducts(rows, (row) => row, error, horizon, size);
    const strengthAlone = pairProducts(rows, (row) => row, strength, horizon, size);
    const within = groups.map(({ nodeOf }) => pairProducts(rows, (row) => nodeOf[row], strength, horizon, size));
    now.add(
      equation,
      apart.now - alone.now,
      within.map((part) => part.now - strengthAlone.now),
    );
    across.add(
      equation,
      apart.across - alone.across,
      within.map((part) => part.across - strengthAlone.across),
    );
  }
}

/** Σ over classes of rows of the squared class sums: in each period (now), and between different periods (across). */
function pairProducts(
  rows: readonly number[],
  classOf: (row: number) => number,
  values: Float64Array,
  horizon: number,
  size: number,
): { now: number; across: number } {
  const sums = new Map<number, Float64Array>();
  for (const row of rows) {
    const key = classOf(row);
    let sum = sums.get(key);
    if (!sum) {
      sum = new Float64Array(horizon);
      sums.set(key, sum);
    }
    for (let h = 0; h < horizon; h++) sum[h] += values[row * horizon + h] / size;
  }
  let now = 0;
  let across = 0;
  for (const sum of sums.values()) {
    let whole = 0;
    for (const value of sum) {
      now += value * value;
      across -= value * value;
      whole += value;
    }
    across += whole * whole;
  }
  return { now, across };
}

/** The persistence φ whose mean φ^|t − u| over all pairs of different periods of a horizon is `average`; 0 where that is not above 0. */
export function persistenceOf(average: number, horizon: number): number {
  if (!(average > 0) || horizon < 2) return 0;
  const mean = (persistence: number) => {
    let sum = 0;
    for (let lag = 1; lag < horizon; lag++) sum += (horizon - lag) * persistence ** lag;
    return (2 * sum) / (horizon * (horizon - 1));
  };
  let low = 0;
  let high = GREATEST_PERSISTENCE;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (mean(middle) < average) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

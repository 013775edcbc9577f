import {
  addColumns,
  addColumnsWithHessian,
  addRows,
  addRowsWithHessian,
  partitionRows,
  subtractHistogram,
} from './kernel.ts';
import { findBestSplit, packedGradient } from './split.ts';
import type { Split, SplitRules } from './split.ts';
import { MISSING_BIN } from './binning.ts';
import type { BinnedMatrix } from './binning.ts';
import type { BoosterParams } from './types.ts';

/** One grown tree, before its leaves have values. Node 0 is the root; a leaf's `feature` is -1. */
export interface GrownTree {
  nodeCount: number;
  readonly feature: Int32Array;
  readonly bin: Uint8Array;
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly cover: Float64Array;
  readonly gain: Float64Array;
  leafCount: number;
  /** Node of each leaf. */
  readonly leafNode: Int32Array;
  /** The rows of leaf `k` are `rows[leafBegin[k]..leafEnd[k])`. */
  readonly leafBegin: Int32Array;
  readonly leafEnd: Int32Array;
  readonly leafGradient: Float64Array;
  readonly leafHessian: Float64Array;
}

/** What one tree is grown from. */
interface Task {
  readonly features: Int32Array;
  readonly columns: Int32Array;
  readonly packed: Float64Array;
  readonly hessian: Float64Array;
  readonly rules: SplitRules;
}

/** Sums of one row set in storage units. */
interface Sums {
  packed: number;
  hessian: number;
}

/**
 * Grows trees leaf by leaf, always cutting the leaf whose cut gains most. Holds every buffer it needs, so that growing
 * a tree allocates nothing that depends on the number of rows.
 */
export class TreeGrower {
  readonly tree: GrownTree;
  /** Row numbers in leaf order; the caller fills the first `rowCount` before each {@link grow}. */
  readonly rows: Int32Array;
  private readonly scratch: Int32Array;
  private readonly histograms: Float64Array[] = [];
  private readonly splits: Split[] = [];
  private readonly leafPacked: Float64Array;
  private readonly leafHessianUnits: Float64Array;
  private task!: Task;

  constructor(
    private readonly matrix: BinnedMatrix,
    private readonly params: BoosterParams,
  ) {
    const leaves = params.maxLeaves;
    const nodes = 2 * leaves - 1;
    this.rows = new Int32Array(matrix.rowCount);
    this.scratch = new Int32Array(matrix.rowCount);
    this.leafPacked = new Float64Array(leaves);
    this.leafHessianUnits = new Float64Array(leaves);
    for (let leaf = 0; leaf < leaves; leaf++) {
      this.splits.push({ gain: 0, feature: 0, bin: 0, missingLeft: false, leftPacked: 0, leftHessian: 0 });
    }
    this.tree = {
      nodeCount: 0,
      feature: new Int32Array(nodes),
      bin: new Uint8Array(nodes),
      missingLeft: new Uint8Array(nodes),
      left: new Int32Array(nodes),
      right: new Int32Array(nodes),
      cover: new Float64Array(nodes),
      gain: new Float64Array(nodes),
      leafCount: 0,
      leafNode: new Int32Array(leaves),
      leafBegin: new Int32Array(leaves),
      leafEnd: new Int32Array(leaves),
      leafGradient: new Float64Array(leaves),
      leafHessian: new Float64Array(leaves),
    };
  }

  /**
   * Grows one tree on `rows[0..rowCount)` and returns it; the result is overwritten by the next call.
   * @param features the features to try, ascending
   * @param packed per row `gradient units * countRange + 1`
   * @param hessian per row whole hessian units; read only when `rules.hasHessian`
   */
  grow(
    rowCount: number,
    features: Int32Array,
    packed: Float64Array,
    hessian: Float64Array,
    rules: SplitRules,
  ): GrownTree {
    const { tree, params, splits } = this;
    this.task = { features, columns: this.paddedColumns(features), packed, hessian, rules };
    tree.nodeCount = 0;
    tree.leafCount = 1;
    tree.leafBegin[0] = 0;
    tree.leafEnd[0] = rowCount;
    tree.leafNode[0] = this.addNode(rowCount);
    const total = this.sumRows(rowCount);
    this.leafPacked[0] = total.packed;
    this.leafHessianUnits[0] = total.hessian;
    splits[0].gain = 0;
    if (rowCount >= 2 * rules.minRows && features.length > 0) {
      this.buildHistogram(0);
      this.search(0);
    }
    while (tree.leafCount < params.maxLeaves) {
      let leaf = 0;
      for (let k = 1; k < tree.leafCount; k++) if (splits[k].gain > splits[leaf].gain) leaf = k;
      if (!(splits[leaf].gain > 0)) break;
      const created = this.cut(leaf);
      // The last cut's children are never cut again, so nobody needs their histograms.
      if (tree.leafCount < params.maxLeaves) {
        this.prepareChildren(leaf, created);
      }
    }
    for (let k = 0; k < tree.leafCount; k++) {
      tree.leafGradient[k] = packedGradient(this.leafPacked[k], rules.countRange) * rules.gradientUnit;
      tree.leafHessian[k] = rules.hasHessian
        ? this.leafHessianUnits[k] * rules.hessianUnit
        : tree.leafEnd[k] - tree.leafBegin[k];
    }
    return tree;
  }

  /** Node that a row of the matrix ends in, whether or not it was sampled for the tree. */
  leafOf(row: number): number {
    const { feature, bin, missingLeft, left, right } = this.tree;
    const { columnMajor, rowCount } = this.matrix;
    let node = 0;
    while (feature[node] >= 0) {
      const value = columnMajor[feature[node] * rowCount + row];
      const goesLeft = value === MISSING_BIN ? missingLeft[node] === 1 : value <= bin[node];
      node = goesLeft ? left[node] : right[node];
    }
    return node;
  }

  /** The columns of the features filled up to a multiple of four; empty when every column is wanted. */
  private paddedColumns(features: Int32Array): Int32Array {
    const { featureCount } = this.matrix;
    if (features.length === featureCount) return new Int32Array(0);
    const columns = new Int32Array((features.length + 3) & ~3).fill(featureCount);
    columns.set(features);
    return columns;
  }

  private addNode(cover: number): number {
    const { tree } = this;
    const node = tree.nodeCount++;
    tree.feature[node] = -1;
    tree.left[node] = -1;
    tree.right[node] = -1;
    tree.bin[node] = 0;
    tree.missingLeft[node] = 0;
    tree.gain[node] = 0;
    tree.cover[node] = cover;
    return node;
  }

  private sumRows(rowCount: number): Sums {
    const { packed, hessian, rules } = this.task;
    const sums = { packed: 0, hessian: 0 };
    for (let i = 0; i < rowCount; i++) {
      sums.packed += packed[this.rows[i]];
      if (rules.hasHessian) sums.hessian += hessian[this.rows[i]];
    }
    return sums;
  }

  /** Numbers in the part of a histogram that is in use. */
  private histogramLength(): number {
    const slots = this.matrix.slotStart[this.matrix.featureCount] + 1;
    return this.task.rules.hasHessian ? 2 * slots : slots;
  }

  private buildHistogram(leaf: number): void {
    const { tree, rows } = this;
    const { slots, stride } = this.matrix;
    const { columns, packed, hessian, rules } = this.task;
    const histogram = this.histogram(leaf);
    histogram.fill(0, 0, this.histogramLength());
    const begin = tree.leafBegin[leaf];
    const end = tree.leafEnd[leaf];
    if (rules.hasHessian) {
      if (columns.length === 0) addRowsWithHessian(histogram, slots, stride, rows, begin, end, packed, hessian);
      else addColumnsWithHessian(histogram, slots, stride, columns, rows, begin, end, packed, hessian);
    } else if (columns.length === 0) addRows(histogram, slots, stride, rows, begin, end, packed);
    else addColumns(histogram, slots, stride, columns, rows, begin, end, packed);
  }

  /** One histogram per leaf, made when first needed and used again by every tree. */
  private histogram(leaf: number): Float64Array {
    if (this.histograms[leaf] === undefined) {
      this.histograms[leaf] = new Float64Array(2 * (this.matrix.slotStart[this.matrix.featureCount] + 1));
    }
    return this.histograms[leaf];
  }

  private search(leaf: number): void {
    const { features, rules } = this.task;
    findBestSplit(
      this.histogram(leaf),
      features,
      this.matrix.slotStart,
      this.leafPacked[leaf],
      this.leafHessianUnits[leaf],
      rules,
      this.splits[leaf],
    );
  }

  /** Carries out the cut of a leaf: the left side keeps its number, the right side gets the returned one. */
  private cut(leaf: number): number {
    const { tree, matrix, rows } = this;
    const split = this.splits[leaf];
    const { feature } = split;
    const begin = tree.leafBegin[leaf];
    const end = tree.leafEnd[leaf];
    const column = matrix.columnMajor.subarray(feature * matrix.rowCount, (feature + 1) * matrix.rowCount);
    const middle = partitionRows(rows, begin, end, column, split.bin, split.missingLeft, this.scratch);
    const node = tree.leafNode[leaf];
    tree.feature[node] = feature;
    tree.bin[node] = split.bin;
    tree.missingLeft[node] = split.missingLeft ? 1 : 0;
    tree.gain[node] = split.gain;
    tree.left[node] = this.addNode(middle - begin);
    tree.right[node] = this.addNode(end - middle);
    const created = tree.leafCount++;
    tree.leafNode[leaf] = tree.left[node];
    tree.leafNode[created] = tree.right[node];
    tree.leafEnd[leaf] = middle;
    tree.leafBegin[created] = middle;
    tree.leafEnd[created] = end;
    this.leafPacked[created] = this.leafPacked[leaf] - split.leftPacked;
    this.leafHessianUnits[created] = this.leafHessianUnits[leaf] - split.leftHessian;
    this.leafPacked[leaf] = split.leftPacked;
    this.leafHessianUnits[leaf] = split.leftHessian;
    split.gain = 0;
    this.splits[created].gain = 0;
    return created;
  }

  /** Counts the smaller child's histogram, takes it from the parent's to get the larger one's, and searches both. */
  private prepareChildren(leftLeaf: number, rightLeaf: number): void {
    const { tree, histograms } = this;
    const leftRows = tree.leafEnd[leftLeaf] - tree.leafBegin[leftLeaf];
    const rightRows = tree.leafEnd[rightLeaf] - tree.leafBegin[rightLeaf];
    const smaller = leftRows <= rightRows ? leftLeaf : rightLeaf;
    const larger = leftRows <= rightRows ? rightLeaf : leftLeaf;
    const { minRows } = this.task.rules;
    if (Math.max(leftRows, rightRows) < 2 * minRows) return;
    if (smaller === leftLeaf) {
      // The parent's sums sit in the left child's slot: hand them to the larger child.
      const parent = histograms[leftLeaf];
      histograms[leftLeaf] = this.histogram(rightLeaf);
      histograms[rightLeaf] = parent;
    }
    this.buildHistogram(smaller);
    subtractHistogram(this.histogram(larger), this.histogram(smaller), this.histogramLength());
    this.search(larger);
    if (Math.min(leftRows, rightRows) >= 2 * minRows) this.search(smaller);
  }
}

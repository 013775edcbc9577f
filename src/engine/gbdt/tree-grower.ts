import { createExchange } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { createChunks } from './row-chunks.ts';
import type { EachChunk } from './row-chunks.ts';
import type { Shard } from './shard.ts';
import { scanFeature, scanPlace } from './split.ts';
import type { ScanPlace } from './split.ts';
import { boundedValue, emptySplit } from './split-rules.ts';
import type { LeafSums, Split, SplitRules } from './split-rules.ts';
import { BLOCK_ROWS, firstRows, shardSize } from './training-memory.ts';

/** One grown tree, before its leaves have values. Node 0 is the root; a leaf's `feature` is -1. */
export interface GrownTree {
  nodeCount: number;
  readonly feature: Int32Array;
  readonly bin: Uint8Array;
  readonly missingLeft: Uint8Array;
  /** For a cut by category: per bin 1 when it goes left. */
  readonly table: (Uint8Array | null)[];
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly cover: Float64Array;
  readonly gain: Float64Array;
  leafCount: number;
  /** Node of each leaf. */
  readonly leafNode: Int32Array;
  /** Rows and sums of each leaf. */
  readonly leaves: readonly LeafSums[];
}

/** Rows of one thread by leaf: those learnt from, or those that only follow (not sampled, or held out). */
export interface Segments {
  readonly begin: Int32Array;
  readonly end: Int32Array;
}

function emptyTree(leaves: number): GrownTree {
  const nodes = 2 * leaves - 1;
  return {
    nodeCount: 0,
    feature: new Int32Array(nodes),
    bin: new Uint8Array(nodes),
    missingLeft: new Uint8Array(nodes),
    table: [],
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    cover: new Float64Array(nodes),
    gain: new Float64Array(nodes),
    leafCount: 0,
    leafNode: new Int32Array(leaves),
    leaves: Array.from({ length: leaves }, () => ({
      count: 0,
      gradient: 0,
      hessian: 0,
      lower: -Infinity,
      upper: Infinity,
    })),
  };
}

/**
 * Grows trees leaf by leaf, always cutting the leaf whose cut gains most. Every thread runs this on its own rows and
 * comes to the same tree: threads exchange whole-number sums and candidate cuts and then decide alike.
 */
export class TreeGrower {
  readonly tree: GrownTree;
  readonly learning: Segments;
  readonly following: Segments;
  /** First of the thread's rows in the memory, as an index of 64-bit entries. */
  readonly firstRow: number;
  private readonly rowCount: number;
  private readonly splits: Split[];
  private readonly depth: Int32Array;
  /** Which histogram belongs to a leaf. */
  private readonly place: Int32Array;
  private readonly cells: Int32Array;
  private readonly columns: Int32Array;
  private readonly table: Uint8Array;
  private readonly area: number;
  private readonly exchange: Exchange;
  private readonly scan: ScanPlace;
  private readonly eachChunk: EachChunk;
  private features: Int32Array = new Int32Array(0);
  private contiguous = 0;
  private rules!: SplitRules;

  constructor(
    private readonly shard: Shard,
    private readonly maxLeaves: number,
    private readonly maxDepth: number,
    private readonly isCategory: Uint8Array,
  ) {
    const { layout, buffer, thread } = shard;
    this.firstRow = firstRows(layout)[thread];
    this.rowCount = shardSize(layout, thread);
    const segments = new Int32Array(buffer, layout.segments, 2 * layout.maxLeaves * layout.threads);
    const own = 2 * layout.maxLeaves * thread;
    this.learning = {
      begin: segments.subarray(own, own + layout.maxLeaves),
      end: segments.subarray(own + layout.maxLeaves, own + 2 * layout.maxLeaves),
    };
    this.following = { begin: new Int32Array(maxLeaves), end: new Int32Array(maxLeaves) };
    this.tree = emptyTree(maxLeaves);
    this.depth = new Int32Array(maxLeaves);
    this.place = new Int32Array(maxLeaves);
    this.splits = Array.from({ length: maxLeaves }, emptySplit);
    this.cells = new Int32Array(buffer, layout.histograms, 2 * layout.slotStart[layout.featureCount] * maxLeaves);
    this.area = layout.threadAreas + thread * layout.threadAreaBytes;
    this.columns = new Int32Array(buffer, this.area, layout.featureCount);
    this.table = new Uint8Array(buffer, this.area + 8 * layout.featureCount, 256);
    this.exchange = createExchange(buffer, layout, thread, shard.barrier);
    this.eachChunk = createChunks(shard);
    this.scan = scanPlace(shard.kernel, buffer, layout.histograms, this.scratchArea());
  }

  /**
   * Deals the thread's rows out into those learnt from and those that only follow.
   * @param fraction of the training set that is learnt from, by a hash of the row's number and the seed
   * @param quantise writes the packed derivatives of some rows to an address
   */
  deal(fraction: number, seed: number, quantise: (begin: number, end: number, packed: number) => void): void {
    const { layout, thread, kernel } = this.shard;
    const { rowCount, allRows, threads } = layout;
    const packed = this.scratchArea();
    let learnt = 0;
    let last = this.rowCount;
    const deal = (begin: number, end: number, limit: number): void => {
      const up = 8 * (this.firstRow + learnt);
      const down = 8 * (this.firstRow + last);
      const taken = kernel.dealRows(up, down, begin, end, limit, seed, packed);
      learnt += taken;
      last -= end - begin - taken;
    };
    for (let begin = thread * BLOCK_ROWS; begin < allRows; begin += threads * BLOCK_ROWS) {
      const end = Math.min(begin + BLOCK_ROWS, allRows);
      const border = Math.max(begin, Math.min(end, rowCount));
      if (begin < border) {
        quantise(begin, border, packed);
        deal(begin, border, Math.min(1, fraction) * 2 ** 32);
      }
      if (border < end) deal(border, end, 0);
    }
    this.learning.begin[0] = 0;
    this.learning.end[0] = learnt;
    this.following.begin[0] = learnt;
    this.following.end[0] = this.rowCount;
  }

  /** Grows one tree on the rows dealt out; the result is overwritten by the next call. */
  grow(features: Int32Array, rules: SplitRules): GrownTree {
    const { tree, splits } = this;
    const { kernel } = this.shard;
    this.rules = rules;
    this.features = features;
    this.columns.set(features);
    this.contiguous = features.every((f, i) => f === i) ? 1 : 0;
    const count = this.learning.end[0];
    kernel.sumRows(8 * this.firstRow, count, this.exchange.ownSums);
    this.exchange.tell(count);
    // The wait at its end also makes the others' sums known.
    this.build(0);
    const total = this.exchange.sum();
    Object.assign(tree.leaves[0], total, { lower: -Infinity, upper: Infinity });
    tree.nodeCount = 0;
    tree.leafCount = 1;
    tree.leafNode[0] = this.addNode(total.count);
    this.depth[0] = 0;
    for (let k = 0; k < this.maxLeaves; k++) this.place[k] = k;
    this.prepareRoot();
    while (tree.leafCount < this.maxLeaves) {
      let leaf = 0;
      for (let k = 1; k < tree.leafCount; k++) if (splits[k].gain > splits[leaf].gain) leaf = k;
      if (!(splits[leaf].gain > 0)) break;
      const created = this.cut(leaf);
      // The last cut's children are never cut again, so nobody needs their histograms.
      if (tree.leafCount < this.maxLeaves) this.prepare(leaf, created);
    }
    return tree;
  }

  private addNode(cover: number): number {
    const { tree } = this;
    const node = tree.nodeCount++;
    tree.feature[node] = -1;
    tree.left[node] = -1;
    tree.right[node] = -1;
    tree.bin[node] = 0;
    tree.missingLeft[node] = 0;
    tree.table[node] = null;
    tree.gain[node] = 0;
    tree.cover[node] = cover;
    return node;
  }

  /** Carries out the cut of a leaf: the left side keeps its number, the right side gets the returned one. */
  private cut(leaf: number): number {
    const { tree, learning, following } = this;
    const split = this.splits[leaf];
    const parent = tree.leaves[leaf];
    const created = tree.leafCount++;
    this.table.set(split.table);
    this.divide(following, split.feature, leaf, created);
    this.divide(learning, split.feature, leaf, created);
    // Where every row has hessian 1 the units have counted the rows already.
    const leftRows = this.rules.hasHessian
      ? this.exchange.count(learning.end[leaf] - learning.begin[leaf])
      : split.leftHessian;
    const right = tree.leaves[created];
    right.count = parent.count - leftRows;
    right.gradient = parent.gradient - split.leftGradient;
    right.hessian = parent.hessian - split.leftHessian;
    right.lower = parent.lower;
    right.upper = parent.upper;
    parent.count = leftRows;
    parent.gradient = split.leftGradient;
    parent.hessian = split.leftHessian;
    this.boundChildren(split.feature, parent, right);
    const node = tree.leafNode[leaf];
    tree.feature[node] = split.feature;
    tree.bin[node] = split.bin;
    tree.missingLeft[node] = split.missingLeft ? 1 : 0;
    tree.table[node] = split.bin === 0 ? split.table.slice() : null;
    tree.gain[node] = split.gain;
    tree.left[node] = this.addNode(leftRows);
    tree.right[node] = this.addNode(right.count);
    tree.leafNode[leaf] = tree.left[node];
    tree.leafNode[created] = tree.right[node];
    this.depth[leaf]++;
    this.depth[created] = this.depth[leaf];
    return created;
  }

  /** Keeps everything below a monotone cut on its side of the middle between the two children's values. */
  private boundChildren(feature: number, left: LeafSums, right: LeafSums): void {
    const { monotone, gradientUnit, hessianUnit } = this.rules;
    const direction = monotone === null ? 0 : monotone[feature];
    if (direction === 0) return;
    const value = (leaf: LeafSums): number =>
      boundedValue(leaf.gradient * gradientUnit, leaf.hessian * hessianUnit, this.rules, leaf.lower, leaf.upper);
    const middle = (value(left) + value(right)) / 2;
    (direction > 0 ? left : right).upper = middle;
    (direction > 0 ? right : left).lower = middle;
  }

  private divide(segments: Segments, feature: number, leaf: number, created: number): void {
    const { layout, kernel } = this.shard;
    const begin = segments.begin[leaf];
    const count = segments.end[leaf] - begin;
    const at = 8 * (this.firstRow + begin);
    const left = kernel.partition(
      at,
      count,
      layout.columnMajor + feature * layout.allRows,
      this.area + 8 * layout.featureCount,
      at - layout.rows + layout.scratch,
    );
    segments.end[created] = begin + count;
    segments.begin[created] = begin + left;
    segments.end[leaf] = begin + left;
  }

  private canBeCut(leaf: number): boolean {
    if (this.maxDepth > 0 && this.depth[leaf] >= this.maxDepth) return false;
    return this.features.length > 0 && this.tree.leaves[leaf].count >= 2 * this.rules.minRows;
  }

  /** Finds the best cut of the root, whose rows are counted. */
  private prepareRoot(): void {
    this.splits[0].gain = 0;
    if (!this.canBeCut(0)) return;
    this.merge(0, -1);
    this.findCuts([0]);
  }

  /**
   * Finds the best cuts of new leaves. Counts the histogram of the one with fewer rows; that of the other is what
   * remains of their parent's, which lies in the place of the left one.
   */
  private prepare(left: number, right: number): void {
    const { leaves } = this.tree;
    this.splits[left].gain = 0;
    this.splits[right].gain = 0;
    if (!this.canBeCut(left) && !this.canBeCut(right)) return;
    const smaller = leaves[left].count <= leaves[right].count ? left : right;
    if (smaller === left) {
      const parent = this.place[left];
      this.place[left] = this.place[right];
      this.place[right] = parent;
    }
    this.build(smaller);
    this.merge(smaller, left + right - smaller);
    this.findCuts([left, right]);
  }

  /** Searches the histograms of one or two leaves; every thread comes to know the best of all. */
  private findCuts(leaves: readonly number[]): void {
    for (const [place, leaf] of leaves.entries()) {
      const split = this.splits[leaf];
      split.feature = -1;
      if (this.canBeCut(leaf)) this.search(leaf, split);
      this.exchange.write(place, split);
    }
    this.exchange.meet();
    for (const [place, leaf] of leaves.entries()) this.exchange.readBest(place, this.splits[leaf]);
  }

  private slotBytes(): number {
    return 8 * this.shard.layout.slotStart[this.shard.layout.featureCount];
  }

  private histogramAt(leaf: number): number {
    return this.shard.layout.histograms + this.place[leaf] * this.slotBytes();
  }

  private partAt(thread: number): number {
    return this.shard.layout.partHistograms + thread * 2048 * this.shard.layout.featureCount;
  }

  /** Room of the thread for what one call needs. */
  private scratchArea(): number {
    return this.area + 8 * this.shard.layout.featureCount + 256;
  }

  /** Counts the thread's share of a leaf's rows. */
  private build(leaf: number): void {
    const { layout, kernel, thread, barrier } = this.shard;
    const to = this.partAt(thread);
    kernel.clear(to, 2048 * this.features.length);
    this.eachChunk(leaf, (first, count) => {
      kernel.addRows(
        to,
        layout.rowMajor,
        layout.stride,
        this.area,
        this.features.length,
        this.contiguous,
        8 * first,
        count,
        this.scratchArea(),
      );
    });
    barrier();
  }

  /** Adds the threads' sums up for this thread's features, and takes them from the parent's; `larger` may be -1. */
  private merge(smaller: number, larger: number): void {
    const { layout, kernel, thread } = this.shard;
    for (let j = thread; j < this.features.length; j += layout.threads) {
      const first = layout.slotStart[this.features[j]];
      const slots = layout.slotStart[this.features[j] + 1] - first;
      const at = this.histogramAt(smaller) + 8 * first;
      kernel.copySlots(at, this.partAt(0) + 2048 * j, slots);
      for (let t = 1; t < layout.threads; t++) kernel.addSlots(at, this.partAt(t) + 2048 * j, slots);
      if (larger >= 0) kernel.subtractSlots(this.histogramAt(larger) + 8 * first, at, slots);
    }
  }

  private search(leaf: number, best: Split): void {
    const { layout, thread } = this.shard;
    const start = this.place[leaf] * layout.slotStart[layout.featureCount];
    for (let j = thread; j < this.features.length; j += layout.threads) {
      const feature = this.features[j];
      const first = layout.slotStart[feature];
      const histogram = {
        cells: this.cells,
        first: start + first,
        bins: layout.slotStart[feature + 1] - first - 1,
      };
      scanFeature(
        this.scan,
        histogram,
        feature,
        this.isCategory[feature] === 1,
        this.tree.leaves[leaf],
        this.rules,
        best,
      );
    }
  }
}

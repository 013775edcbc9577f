import type { FeatureBins } from './binning.ts';
import type { GrownTree } from './tree-grower.ts';
import type { Forest } from './types.ts';

/** Collects grown trees into the parallel arrays of a {@link Forest}. */
export class ForestWriter {
  private readonly treeStart: Int32Array;
  private readonly feature: Int32Array;
  private readonly threshold: Float32Array;
  private readonly missingLeft: Uint8Array;
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly value: Float64Array;
  private readonly cover: Float64Array;
  private readonly gain: Float64Array;
  private readonly categoryAt: Int32Array;
  private readonly categoryBits: number[] = [];
  private trees = 0;
  private nodes = 0;

  constructor(
    private readonly bins: readonly FeatureBins[],
    trees: number,
    maxLeaves: number,
  ) {
    const nodes = trees * (2 * maxLeaves - 1);
    this.treeStart = new Int32Array(trees + 1);
    this.feature = new Int32Array(nodes);
    this.threshold = new Float32Array(nodes);
    this.missingLeft = new Uint8Array(nodes);
    this.left = new Int32Array(nodes);
    this.right = new Int32Array(nodes);
    this.value = new Float64Array(nodes);
    this.cover = new Float64Array(nodes);
    this.gain = new Float64Array(nodes);
    this.categoryAt = new Int32Array(nodes).fill(-1);
  }

  /** @param leafValues what each leaf of the tree adds to the score */
  add(tree: GrownTree, leafValues: Float64Array): void {
    const start = this.nodes;
    for (let node = 0; node < tree.nodeCount; node++) {
      const at = start + node;
      const feature = tree.feature[node];
      this.feature[at] = feature;
      this.cover[at] = tree.cover[node];
      this.gain[at] = tree.gain[node];
      this.left[at] = feature < 0 ? -1 : start + tree.left[node];
      this.right[at] = feature < 0 ? -1 : start + tree.right[node];
      if (feature >= 0) {
        const table = tree.table[node];
        this.categoryAt[at] = table === null ? -1 : this.addCategories(this.bins[feature].categories, table);
        this.threshold[at] = table === null ? this.bins[feature].borders[tree.bin[node] - 1] : 0;
        this.missingLeft[at] = tree.missingLeft[node];
      }
    }
    for (let leaf = 0; leaf < tree.leafCount; leaf++) this.value[start + tree.leafNode[leaf]] = leafValues[leaf];
    this.nodes += tree.nodeCount;
    this.trees++;
    this.treeStart[this.trees] = this.nodes;
  }

  /** Stores the set of categories that go left; returns its place. */
  private addCategories(categories: FeatureBins['categories'], table: Uint8Array): number {
    const left = (categories ?? []).flatMap((members, i) => (table[i + 1] === 1 ? members : []));
    const words = new Uint32Array((Math.max(...left) >> 5) + 1);
    for (const category of left) words[category >> 5] |= 1 << (category & 31);
    return this.categoryBits.push(words.length, ...words) - words.length - 1;
  }

  /** The first `trees` of the trees added. */
  finish(trees: number): Forest {
    const n = this.treeStart[trees];
    return {
      treeStart: this.treeStart.slice(0, trees + 1),
      feature: this.feature.slice(0, n),
      threshold: this.threshold.slice(0, n),
      missingLeft: this.missingLeft.slice(0, n),
      left: this.left.slice(0, n),
      right: this.right.slice(0, n),
      value: this.value.slice(0, n),
      cover: this.cover.slice(0, n),
      gain: this.gain.slice(0, n),
      categoryAt: this.categoryAt.slice(0, n),
      categoryBits: Uint32Array.from(this.categoryBits),
    };
  }
}

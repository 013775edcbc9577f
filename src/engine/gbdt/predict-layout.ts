import { inCategorySet } from './predict-split.ts';
import type { Booster, Forest } from './types.ts';

/** Codes are bytes. */
const CODES = 256;
const MAX_LEAVES = 256;
const MAX_COLUMNS = 65_536;
const SET_WORDS = CODES / 32;

/** How a feature's values become codes; the columns of codes that its splits read, -1 for none. */
export type FeatureCoding =
  | {
      readonly kind: 'numbers';
      /** Distinct thresholds, ascending. A value's code is the number of thresholds below it. */
      readonly thresholds: Float32Array;
      /** Column in which a missing value has the lowest code, for splits that send it left. */
      readonly low: number;
      /** Column in which a missing value has the highest code. */
      readonly high: number;
    }
  | {
      readonly kind: 'categories';
      /** Class of each whole number: categories in the same sets share one. */
      readonly classes: Uint8Array;
      readonly other: number;
      readonly missing: number;
      readonly column: number;
    };

/** Boosters laid out for the kernel, with codes common to all of them. */
export interface ForestLayout {
  readonly codings: readonly { readonly feature: number; readonly coding: FeatureCoding }[];
  readonly columns: number;
  readonly forests: readonly { readonly trees: number; readonly nodes: Uint32Array; readonly leaves: Float64Array }[];
}

/**
 * Lays boosters over the same features out for the kernel; null when they do not fit: more than 256 leaves in a tree,
 * 255 thresholds or 256 classes in a feature, or a feature split both by threshold and by category.
 */
export function layOutForests(boosters: readonly Booster[]): ForestLayout | null {
  const forests = boosters.map((booster) => booster.forest);
  const codings: { feature: number; coding: FeatureCoding }[] = [];
  const byFeature: (FeatureCoding | null)[] = [];
  let columns = 0;
  const splits = splitsByFeature(forests, boosters[0].featureNames.length);
  for (let feature = 0; feature < splits.length; feature++) {
    byFeature.push(null);
    if (splits[feature].length === 0) continue;
    const coding = codeFeature(splits[feature], columns);
    if (coding === null) return null;
    columns += coding.kind === 'categories' ? 1 : Number(coding.low >= 0) + Number(coding.high >= 0);
    byFeature[feature] = coding;
    codings.push({ feature, coding });
  }
  if (columns > MAX_COLUMNS) return null;
  const laidOut: ForestLayout['forests'][number][] = [];
  for (const forest of forests) {
    const result = layOutTrees(forest, byFeature);
    if (result === null) return null;
    laidOut.push(result);
  }
  return { codings, columns, forests: laidOut };
}

interface Split {
  readonly forest: Forest;
  readonly node: number;
}

function splitsByFeature(forests: readonly Forest[], features: number): Split[][] {
  const splits = Array.from({ length: features }, (): Split[] => []);
  for (const forest of forests) {
    for (let node = 0; node < forest.feature.length; node++) {
      if (forest.feature[node] >= 0) splits[forest.feature[node]].push({ forest, node });
    }
  }
  return splits;
}

function codeFeature(splits: readonly Split[], column: number): FeatureCoding | null {
  const byCategory = splits[0].forest.categoryAt[splits[0].node] >= 0;
  if (splits.some(({ forest, node }) => forest.categoryAt[node] >= 0 !== byCategory)) return null;
  if (byCategory) return codeCategories(splits, column);
  const all = Float32Array.from(splits, ({ forest, node }) => forest.threshold[node]).sort();
  const thresholds = all.filter((threshold, i) => i === 0 || threshold !== all[i - 1]);
  if (thresholds.length >= CODES || thresholds.some((threshold) => Number.isNaN(threshold))) return null;
  const anyLeft = splits.some(({ forest, node }) => forest.missingLeft[node] === 1);
  const anyRight = splits.some(({ forest, node }) => forest.missingLeft[node] !== 1);
  const low = anyLeft ? column : -1;
  return { kind: 'numbers', thresholds, low, high: anyRight ? column + Number(anyLeft) : -1 };
}

/** Starts with all categories in one class and divides the classes by one split after the other. */
function codeCategories(splits: readonly Split[], column: number): FeatureCoding | null {
  let words = 0;
  for (const { forest, node } of splits) words = Math.max(words, forest.categoryBits[forest.categoryAt[node]]);
  const count = 32 * words;
  // Behind the categories stand a value that is in no set and a missing one.
  const classOf = new Int32Array(count + 2);
  let classes = 1;
  for (const { forest, node } of splits) {
    const parts = new Map<number, number>();
    const divided = classOf.map((from, category) => {
      const inside =
        category <= count
          ? inCategorySet(forest.categoryBits, forest.categoryAt[node], category)
          : forest.missingLeft[node] === 1;
      const part = 2 * from + Number(inside);
      if (!parts.has(part)) parts.set(part, parts.size);
      return parts.get(part) ?? 0;
    });
    classOf.set(divided);
    classes = parts.size;
    if (classes > CODES) return null;
  }
  return {
    kind: 'categories',
    classes: Uint8Array.from(classOf.subarray(0, count)),
    other: classOf[count],
    missing: classOf[count + 1],
    column,
  };
}

/** Entries that cut leaves of one byte: value above a code, below a code, in a set of classes. */
interface ByteEntries {
  readonly above: number[];
  readonly below: number[];
  readonly sets: number[];
}

/** Two counts of 16 bits, as the kernel reads them. */
const pair = (low: number, high: number): number => low + high * 65_536;

/**
 * Per tree: leaf bytes and leaves, then for each byte of leaves, the last first, counts of its entries and the entries.
 * The subtree with fewer leaves stands first, so that few leaves have to be cut.
 */
function layOutTrees(
  forest: Forest,
  codings: readonly (FeatureCoding | null)[],
): ForestLayout['forests'][number] | null {
  const { treeStart, feature, left, right, value } = forest;
  const trees = treeStart.length - 1;
  const words: number[] = [];
  const leaves: number[] = [];
  const leafCount = new Int32Array(feature.length);
  const place = new Int32Array(feature.length);
  for (let node = feature.length - 1; node >= 0; node--) {
    leafCount[node] = feature[node] < 0 ? 1 : leafCount[left[node]] + leafCount[right[node]];
  }
  for (let tree = 0; tree < trees; tree++) {
    const root = treeStart[tree];
    const count = leafCount[root];
    if (count > MAX_LEAVES) return null;
    const bytes = Array.from({ length: (count + 7) >> 3 }, (): ByteEntries => ({ above: [], below: [], sets: [] }));
    const firstLeaf = leaves.length;
    for (let node = root; node < treeStart[tree + 1]; node++) {
      if (feature[node] < 0) {
        leaves[firstLeaf + place[node]] = value[node];
        continue;
      }
      const leftFirst = leafCount[left[node]] <= leafCount[right[node]];
      const [first, second] = leftFirst ? [left[node], right[node]] : [right[node], left[node]];
      place[first] = place[node];
      place[second] = place[node] + leafCount[first];
      const coding = codings[feature[node]];
      if (coding !== null) addCuts(bytes, forest, node, coding, leftFirst, place[node], place[second]);
    }
    words.push(pair(bytes.length, count));
    for (const { above, below, sets } of bytes.reverse()) {
      words.push(pair(above.length, below.length), sets.length / (1 + SET_WORDS));
      words.push(...above, ...below, ...sets);
    }
  }
  return { trees, nodes: Uint32Array.from(words), leaves: Float64Array.from(leaves) };
}

/** Adds to each byte the entry that cuts its share of the leaves `begin`..`end` when a row goes to the second side. */
function addCuts(
  bytes: readonly ByteEntries[],
  forest: Forest,
  node: number,
  coding: FeatureCoding,
  leftFirst: boolean,
  begin: number,
  end: number,
): void {
  let column: number;
  let bound = 0;
  let set: number[] = [];
  if (coding.kind === 'categories') {
    column = coding.column;
    set = cuttingClasses(forest, node, coding, leftFirst);
  } else {
    column = forest.missingLeft[node] === 1 ? coding.low : coding.high;
    bound = coding.thresholds.indexOf(forest.threshold[node]) + (leftFirst ? 0 : 1);
  }
  for (let byte = begin >> 3; byte << 3 < end; byte++) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) if (8 * byte + bit >= begin && 8 * byte + bit < end) bits |= 1 << bit;
    const entry = column + ((bound - 128) & 255) * 65_536 + bits * 16_777_216;
    if (coding.kind === 'categories') bytes[byte].sets.push(entry, ...set);
    else (leftFirst ? bytes[byte].above : bytes[byte].below).push(entry);
  }
}

/** The classes that go to the second side, as 256 bits. */
function cuttingClasses(
  forest: Forest,
  node: number,
  { classes, other, missing }: Extract<FeatureCoding, { kind: 'categories' }>,
  leftFirst: boolean,
): number[] {
  const bits = new Uint32Array(SET_WORDS);
  const add = (code: number, left: boolean): void => {
    if (left !== leftFirst) bits[code >> 5] |= 1 << (code & 31);
  };
  classes.forEach((code, category) => add(code, inCategorySet(forest.categoryBits, forest.categoryAt[node], category)));
  add(other, false);
  add(missing, forest.missingLeft[node] === 1);
  return Array.from(bits);
}

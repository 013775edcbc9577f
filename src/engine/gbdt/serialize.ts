import { CorruptModelError, EngineError } from '../errors.ts';
import { fnv1a64 } from './checksum.ts';
import { checkParams } from './params.ts';
import type { Booster, BoosterParams, Forest } from './types.ts';

const HIGHEST_INT32 = 2 ** 31 - 1;
const HIGHEST_UINT32 = 2 ** 32 - 1;
const MAGIC = 'shelfcast-booster';
const VERSION = '2';
const NEGATIVE_ZERO = '-0';
/** Written in one order, so that equal boosters have equal texts. */
const ARRAY_ORDER = [
  'treeStart',
  'feature',
  'threshold',
  'missingLeft',
  'left',
  'right',
  'value',
  'cover',
  'gain',
  'categoryAt',
  'categoryBits',
] as const satisfies readonly (keyof Forest)[];

/** JSON writes −0 as 0, which reads back to other bits; a text cannot be mistaken for a number of the forest. */
function keepSign(_key: string, value: unknown): unknown {
  return Object.is(value, -0) ? NEGATIVE_ZERO : value;
}

/**
 * A booster as text: a line with name, version and checksum, then one line of JSON. Numbers are written so that they
 * read back to the same bits.
 */
export function serializeBooster(booster: Booster): string {
  const { params, featureNames, baseScore, forest } = booster;
  const arrays = Object.fromEntries(ARRAY_ORDER.map((name) => [name, Array.from(forest[name])]));
  const body = JSON.stringify({ params, featureNames, baseScore, forest: arrays }, keepSign);
  return `${MAGIC} ${VERSION} ${fnv1a64(body)}\n${body}\n`;
}

function asRecord(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new CorruptModelError(`${name} is not an object`);
  return value as Record<string, unknown>;
}

function asNumber(value: unknown, name: string): number {
  if (value === NEGATIVE_ZERO) return -0;
  if (typeof value !== 'number') throw new CorruptModelError(`${name} holds something else than numbers`);
  return value;
}

function asNumbers(value: unknown, name: string, length?: number): number[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length))
    throw new CorruptModelError(`${name} has the wrong length`);
  return value.map((entry) => asNumber(entry, name));
}

/** Numbers that all lie in `lowest`..`highest` and are whole, so that no typed array changes them. */
function asWhole(value: unknown, name: string, lowest: number, highest: number, length?: number): number[] {
  const numbers = asNumbers(value, name, length);
  if (!numbers.every((entry) => Number.isInteger(entry) && entry >= lowest && entry <= highest))
    throw new CorruptModelError(`${name} holds a number out of range`);
  return numbers;
}

/** Every split by category points at a set that lies wholly in the list of sets. */
function checkCategories(feature: Int32Array, categoryAt: Int32Array, categoryBits: Uint32Array): void {
  for (let node = 0; node < categoryAt.length; node++) {
    const at = categoryAt[node];
    if (at < 0) continue;
    if (feature[node] < 0 || at >= categoryBits.length || at + 1 + categoryBits[at] > categoryBits.length)
      throw new CorruptModelError(`node ${node} has a misplaced set of categories`);
  }
}

function parseForest(value: unknown, trees: number, features: number): Forest {
  const raw = asRecord(value, 'forest');
  const treeStart = Int32Array.from(asWhole(raw.treeStart, 'treeStart', 0, HIGHEST_INT32, trees + 1));
  const nodes = treeStart[trees];
  const feature = Int32Array.from(asWhole(raw.feature, 'feature', -1, features - 1, nodes));
  const left = Int32Array.from(asWhole(raw.left, 'left', -1, nodes - 1, nodes));
  const right = Int32Array.from(asWhole(raw.right, 'right', -1, nodes - 1, nodes));
  if (treeStart[0] !== 0) throw new CorruptModelError('treeStart does not begin with 0');
  for (let t = 0; t < trees; t++) {
    if (treeStart[t + 1] <= treeStart[t]) throw new CorruptModelError(`tree ${t} is empty`);
    for (let node = treeStart[t]; node < treeStart[t + 1]; node++) {
      if (feature[node] < 0) continue;
      // Children after their parent and inside the tree: no walk can loop or leave it.
      for (const child of [left[node], right[node]]) {
        if (child <= node || child >= treeStart[t + 1])
          throw new CorruptModelError(`node ${node} has a misplaced child`);
      }
    }
  }
  const categoryAt = Int32Array.from(asWhole(raw.categoryAt, 'categoryAt', -1, HIGHEST_INT32, nodes));
  const categoryBits = Uint32Array.from(asWhole(raw.categoryBits, 'categoryBits', 0, HIGHEST_UINT32));
  checkCategories(feature, categoryAt, categoryBits);
  return {
    treeStart,
    feature,
    left,
    right,
    threshold: Float32Array.from(asNumbers(raw.threshold, 'threshold', nodes)),
    missingLeft: Uint8Array.from(asWhole(raw.missingLeft, 'missingLeft', 0, 1, nodes)),
    value: Float64Array.from(asNumbers(raw.value, 'value', nodes)),
    cover: Float64Array.from(asNumbers(raw.cover, 'cover', nodes)),
    gain: Float64Array.from(asNumbers(raw.gain, 'gain', nodes)),
    categoryAt,
    categoryBits,
  };
}

function parseBody(body: string): Booster {
  const raw = asRecord(JSON.parse(body), 'model');
  const params = asRecord(raw.params, 'params') as unknown as BoosterParams;
  asRecord(params.loss, 'loss');
  checkParams(params);
  const { featureNames } = raw;
  if (!Array.isArray(featureNames) || !featureNames.every((name) => typeof name === 'string')) {
    throw new CorruptModelError('featureNames is not a list of names');
  }
  const baseScore = asNumber(raw.baseScore, 'baseScore');
  return { params, featureNames, baseScore, forest: parseForest(raw.forest, params.trees, featureNames.length) };
}

/**
 * Reads what {@link serializeBooster} wrote.
 * @throws CorruptModelError when the text is foreign, of another version, cut short or changed
 */
export function parseBooster(text: string): Booster {
  const lineEnd = text.indexOf('\n');
  const [magic, version, checksum] = text.slice(0, Math.max(0, lineEnd)).split(' ');
  if (lineEnd < 0 || magic !== MAGIC) throw new CorruptModelError('The text is not a stored booster');
  if (version !== VERSION)
    throw new CorruptModelError(`Booster format ${version} is unknown; this release reads ${VERSION}`);
  const body = text.slice(lineEnd + 1, -1);
  if (!text.endsWith('\n') || fnv1a64(body) !== checksum) {
    throw new CorruptModelError('The stored booster is damaged: its checksum does not match');
  }
  try {
    return parseBody(body);
  } catch (error) {
    if (error instanceof CorruptModelError) throw error;
    const reason = error instanceof EngineError || error instanceof SyntaxError ? error.message : String(error);
    throw new CorruptModelError(`The stored booster cannot be read: ${reason}`);
  }
}

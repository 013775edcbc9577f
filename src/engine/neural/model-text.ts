import { CorruptModelError } from '../errors.ts';
import { fnv1a64 } from '../gbdt/checksum.ts';
import { floatsFromBase64, floatsToBase64 } from './base64.ts';
import { inputWidths } from './inputs.ts';
import { initialWeights } from './network.ts';
import { completeSettings } from './settings.ts';
import type { NeuralModel, Weight } from './types.ts';

const MAGIC = 'shelfcast-neural';
const VERSION = '1';

interface StoredModel extends Omit<NeuralModel, 'weights'> {
  readonly weights: readonly { readonly name: string; readonly values: string }[];
}

/**
 * A network as text: a line with name, version and checksum, then one line of JSON with the weights as base64 of their
 * single-precision bits. Equal networks have equal texts.
 */
export function serializeNeural({ settings, plan, weights, validation }: NeuralModel): string {
  const stored: StoredModel = {
    settings,
    plan,
    validation,
    weights: weights.map(({ name, values }) => ({ name, values: floatsToBase64(values) })),
  };
  const body = JSON.stringify(stored);
  return `${MAGIC} ${VERSION} ${fnv1a64(body)}\n${body}\n`;
}

/** Shapes follow from settings and plan, so that stored weights cannot contradict them. */
function readWeights(stored: StoredModel): Weight[] {
  const expected = initialWeights(completeSettings(stored.settings), inputWidths(stored.plan));
  if (stored.weights.length !== expected.length) throw new CorruptModelError('The network lacks layers');
  return expected.map(({ name, shape, values }, index) => {
    const found = stored.weights[index];
    const read = found.name === name ? floatsFromBase64(found.values, values.length) : null;
    if (!read || !read.every(Number.isFinite)) throw new CorruptModelError(`The weights ${name} cannot be read`);
    return { name, shape, values: read };
  });
}

/**
 * Reads what {@link serializeNeural} wrote.
 * @throws CorruptModelError when the text is foreign, of another version, cut short or changed
 */
export function parseNeural(text: string): NeuralModel {
  const lineEnd = text.indexOf('\n');
  const [magic, version, checksum] = text.slice(0, Math.max(0, lineEnd)).split(' ');
  if (lineEnd < 0 || magic !== MAGIC) throw new CorruptModelError('The text is not a stored network');
  if (version !== VERSION)
    throw new CorruptModelError(`Network format ${version} is unknown; this release reads ${VERSION}`);
  const body = text.slice(lineEnd + 1, -1);
  if (!text.endsWith('\n') || fnv1a64(body) !== checksum)
    throw new CorruptModelError('The stored network is damaged: its checksum does not match');
  try {
    const stored = JSON.parse(body) as StoredModel;
    return { ...stored, weights: readWeights(stored) };
  } catch (error) {
    if (error instanceof CorruptModelError) throw error;
    throw new CorruptModelError(`The stored network cannot be read: ${String(error)}`);
  }
}

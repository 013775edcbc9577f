import { InvalidInputError } from '../errors.ts';
import { checkHorizon } from '../series/check.ts';
import { NEURAL_KINDS, type NeuralSettings } from './types.ts';

const DEFAULTS: NeuralSettings = {
  kind: 'mlp',
  horizon: 28,
  levels: [0.1, 0.5, 0.9],
  hidden: 128,
  layers: 2,
  stepWidth: 8,
  stepHidden: 32,
  steps: 400,
  batch: 256,
  learningRate: 0.01,
  weightDecay: 0.01,
  checkEvery: 50,
  patience: 4,
  seed: 1,
  known: { price: false, promotion: false },
};
const COUNTS = ['hidden', 'layers', 'stepWidth', 'stepHidden', 'steps', 'batch', 'checkEvery', 'patience'] as const;

/** Fills in defaults. @throws InvalidInputError naming the setting that is out of range */
export function completeSettings(given: Partial<NeuralSettings>): NeuralSettings {
  const settings: NeuralSettings = { ...DEFAULTS, ...given };
  checkHorizon(settings.horizon);
  if (!NEURAL_KINDS.includes(settings.kind)) throw new InvalidInputError(`kind is ${String(settings.kind)}`);
  for (const name of COUNTS) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1)
      throw new InvalidInputError(`${name} is ${settings[name]}, expected a whole number from 1`);
  }
  const { levels, learningRate, weightDecay } = settings;
  if (!levels.length || !levels.every((level, i) => level > (i ? levels[i - 1] : 0) && level < 1))
    throw new InvalidInputError('levels must ascend between 0 and 1');
  if (!(learningRate > 0)) throw new InvalidInputError(`learningRate is ${learningRate}, expected more than 0`);
  if (!(weightDecay >= 0)) throw new InvalidInputError(`weightDecay is ${weightDecay}, expected 0 or more`);
  return settings;
}

import { CancelledError, InvalidInputError } from '../errors.ts';
import { createRng, type Rng } from '../rng.ts';
import { checkPanel } from '../series/check.ts';
import { adamStep, averageWeights, createAdam } from './adam.ts';
import { NeuralUnavailableError } from './errors.ts';
import { createInputReader, type InputReader } from './inputs.ts';
import { pinballSum } from './loss.ts';
import { initialWeights } from './network.ts';
import { type Batch, createBatch, gradientsOf, outputOf } from './pass.ts';
import { planInputs } from './plan.ts';
import { ratesOf } from './rates.ts';
import { loadRuntime, type NeuralRuntime } from './runtime.ts';
import { completeSettings } from './settings.ts';
import type { NeuralData, NeuralHooks, NeuralModel, NeuralSettings, Weight } from './types.ts';

const { cos, floor, min, PI } = Math;
/** Windows on which a look at the progress is taken, at most. */
const VALIDATION_WINDOWS = 512;
const WARM_UP_STEPS = 20;
/** Share of the past in the averaged weights that are judged and kept. */
const AVERAGE_SHARE = 0.98;
/** Tries to find a window with a history and a counted target before a batch stays smaller. */
const TRIES_PER_ROW = 8;

/** Series and the range of origins `[from, to)` at which windows of each may begin; none where a series is too short. */
interface Origins {
  readonly series: Int32Array;
  readonly from: Int32Array;
  readonly to: number;
}

function originsOf({ panel }: NeuralData, settings: NeuralSettings): Origins {
  const { minimum } = ratesOf(panel.frequency ?? 'daily');
  // The last horizon of periods is for validation; no target of a training window reaches into it.
  const to = panel.periodCount - 2 * settings.horizon + 1;
  const kept: number[] = [];
  for (let s = 0; s < panel.seriesCount; s++) if (panel.firstPeriod[s] + minimum < to) kept.push(s);
  return {
    series: Int32Array.from(kept),
    from: Int32Array.from(kept, (s) => Math.max(0, panel.firstPeriod[s]) + minimum),
    to,
  };
}

/** Reads a window into a row; false where it has no usable history or no counted target. */
function fill(reader: InputReader, batch: Batch, row: number, series: number, origin: number): boolean {
  const scale = reader.read(series, origin, row, batch.history, batch.steps);
  batch.scale[row] = scale;
  const horizon = batch.target.length / batch.rows;
  batch.mask.fill(0, row * horizon, (row + 1) * horizon);
  if (!(scale > 0)) return false;
  reader.readTarget(series, origin, row, scale, batch.target, batch.mask);
  return batch.mask.subarray(row * horizon, (row + 1) * horizon).includes(1);
}

function draw(reader: InputReader, batch: Batch, origins: Origins, rng: Rng): void {
  for (let row = 0; row < batch.rows; row++) {
    for (let attempt = 0; attempt < TRIES_PER_ROW; attempt++) {
      const pick = floor(rng() * origins.series.length);
      const from = origins.from[pick];
      const origin = from + floor(rng() * (origins.to - from));
      if (fill(reader, batch, row, origins.series[pick], origin)) break;
    }
  }
}

/** The last window of series chosen at random, one batch after the other. */
function validationBatches(reader: InputReader, data: NeuralData, settings: NeuralSettings, rng: Rng): Batch[] {
  const { panel } = data;
  const origin = panel.periodCount - settings.horizon;
  const order = Array.from({ length: panel.seriesCount }, (_, s) => s);
  for (let i = order.length - 1; i > 0; i--) {
    const j = floor(rng() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const batches: Batch[] = [];
  const chosen = order.slice(0, VALIDATION_WINDOWS);
  for (let at = 0; at < chosen.length; at += settings.batch) {
    const part = chosen.slice(at, at + settings.batch);
    const batch = createBatch(reader, part.length, settings.horizon);
    const filled = part.map((series, row) => fill(reader, batch, row, series, origin));
    if (filled.includes(true)) batches.push(batch);
  }
  return batches;
}

function validationLoss(
  runtime: NeuralRuntime,
  settings: NeuralSettings,
  reader: InputReader,
  weights: readonly Weight[],
  batches: readonly Batch[],
): number {
  let sum = 0;
  let count = 0;
  for (const batch of batches) {
    const output = outputOf(runtime, settings, reader, weights, batch);
    const part = pinballSum(settings.levels, output, batch.target, batch.mask);
    sum += part.sum;
    count += part.count * settings.levels.length;
  }
  return sum / count;
}

const copyOf = (weights: readonly Weight[]): Weight[] =>
  weights.map((weight) => ({ ...weight, values: weight.values.slice() }));

function rateAt(settings: NeuralSettings, step: number): number {
  const warm = min(1, (step + 1) / WARM_UP_STEPS);
  return settings.learningRate * warm * 0.5 * (1 + cos((PI * step) / settings.steps));
}

/**
 * Trains one network for all series of a panel to forecast quantiles and the mean of the coming periods at once, on
 * windows drawn at random, until the last windows are forecast no better. The same data, settings and back end give the
 * same bits.
 * @returns null where no series has a history long enough to learn from and to be judged on: two horizons more than
 * the least history of its frequency
 * @throws CancelledError, InvalidInputError, NeuralUnavailableError (also for `lstm` without the native back end)
 */
export async function trainNeural(
  data: NeuralData,
  given: Partial<NeuralSettings> = {},
  hooks: NeuralHooks = {},
): Promise<NeuralModel | null> {
  const settings = completeSettings(given);
  checkPanel(data.panel);
  if (data.observed.length !== data.panel.sales.length)
    throw new InvalidInputError(`observed has ${data.observed.length} entries, expected ${data.panel.sales.length}`);
  const runtime = await loadRuntime(hooks);
  if (settings.kind === 'lstm' && runtime.backend !== 'native')
    throw new NeuralUnavailableError('An LSTM needs the native back end of TensorFlow (@tensorflow/tfjs-node)');
  return fitNetwork(runtime, data, settings, hooks);
}

/** Trains with complete settings on a back end that is ready; see {@link trainNeural}. */
export async function fitNetwork(
  runtime: NeuralRuntime,
  data: NeuralData,
  settings: NeuralSettings,
  hooks: NeuralHooks = {},
): Promise<NeuralModel | null> {
  const origins = originsOf(data, settings);
  if (!origins.series.length) return null;
  const plan = planInputs(data, settings);
  const reader = createInputReader(plan, data);
  // Apart from the initial weights, which are drawn from the seed itself.
  const rng = createRng(settings.seed ^ 0x5bd1e995);
  const validation = validationBatches(reader, data, settings, rng);
  if (!validation.length) return null;

  const weights = initialWeights(settings, reader.widths);
  const average = copyOf(weights);
  const adam = createAdam(weights);
  const batch = createBatch(reader, settings.batch, settings.horizon);
  let best = { weights: copyOf(weights), loss: Infinity, step: 0 };
  let looksWithoutGain = 0;
  for (let step = 0; step < settings.steps && looksWithoutGain < settings.patience; step++) {
    if (hooks.isCancelled?.()) throw new CancelledError('The training was cancelled');
    draw(reader, batch, origins, rng);
    const { gradients } = gradientsOf(runtime, settings, reader, weights, batch);
    adamStep(adam, weights, gradients, rateAt(settings, step), settings.weightDecay);
    averageWeights(average, weights, min(AVERAGE_SHARE, step / (step + 10)));
    if ((step + 1) % settings.checkEvery && step + 1 < settings.steps) continue;
    const loss = validationLoss(runtime, settings, reader, average, validation);
    looksWithoutGain = loss < best.loss ? 0 : looksWithoutGain + 1;
    if (loss < best.loss) best = { weights: copyOf(average), loss, step: step + 1 };
    hooks.onProgress?.((100 * (step + 1)) / settings.steps, `validation loss ${loss.toFixed(4)}`);
    // Lets messages in, such as the one that cancels.
    await runtime.tf.nextFrame();
  }
  hooks.onProgress?.(100, `best after ${best.step} steps`);
  if (!Number.isFinite(best.loss)) return null;
  return { settings, plan, weights: best.weights, validation: { loss: best.loss, step: best.step } };
}

import { InvalidInputError } from '../errors.ts';
import { checkPanel } from '../series/check.ts';
import { NeuralUnavailableError } from './errors.ts';
import { createInputReader } from './inputs.ts';
import { createBatch, outputOf } from './pass.ts';
import { loadRuntime, type NeuralRuntime, type RuntimeOptions } from './runtime.ts';
import type { NeuralData, NeuralForecast, NeuralModel } from './types.ts';

const { min } = Math;
/** Windows that pass through the network at once. */
const ROWS = 256;

/**
 * Forecasts the periods after a panel's end by a trained network.
 * @param horizon periods ahead, up to the one the network was trained for, which is the default
 * @throws InvalidInputError where the panel does not suit the network; NeuralUnavailableError without a back end
 */
export async function forecastNeural(
  model: NeuralModel,
  data: NeuralData,
  horizon: number = model.settings.horizon,
  options: RuntimeOptions = {},
): Promise<NeuralForecast> {
  checkPanel(data.panel);
  const frequency = data.panel.frequency ?? 'daily';
  if (frequency !== model.plan.frequency)
    throw new InvalidInputError(`panel.frequency is ${frequency}, the network was trained on ${model.plan.frequency}`);
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > model.settings.horizon)
    throw new InvalidInputError(`horizon is ${horizon}, expected 1 to ${model.settings.horizon}`);
  const runtime = await loadRuntime(options);
  if (model.settings.kind === 'lstm' && runtime.backend !== 'native')
    throw new NeuralUnavailableError('An LSTM needs the native back end of TensorFlow (@tensorflow/tfjs-node)');
  return forecastOn(runtime, model, data, horizon);
}

/** Forecasts on a back end that is ready; see {@link forecastNeural}. */
export function forecastOn(
  runtime: NeuralRuntime,
  model: NeuralModel,
  data: NeuralData,
  horizon: number,
): NeuralForecast {
  const { settings } = model;
  const { seriesCount, periodCount } = data.panel;
  const reader = createInputReader(model.plan, data);
  const columns = settings.levels.length + 1;
  const mean = new Float32Array(seriesCount * horizon);
  const quantiles = settings.levels.map(() => new Float32Array(seriesCount * horizon));
  const usable = new Uint8Array(seriesCount);
  for (let start = 0; start < seriesCount; start += ROWS) {
    const batch = createBatch(reader, min(ROWS, seriesCount - start), settings.horizon);
    for (let row = 0; row < batch.rows; row++) {
      batch.scale[row] = reader.read(start + row, periodCount, row, batch.history, batch.steps);
      if (batch.scale[row] > 0) usable[start + row] = 1;
    }
    const output = outputOf(runtime, settings, reader, model.weights, batch);
    for (let row = 0; row < batch.rows; row++) {
      const scale = batch.scale[row];
      for (let h = 0; h < horizon; h++) {
        const from = (row * settings.horizon + h) * columns;
        const to = (start + row) * horizon + h;
        for (let q = 0; q < quantiles.length; q++) quantiles[q][to] = scale * output[from + q];
        mean[to] = scale * output[from + columns - 1];
      }
    }
  }
  return { horizon, levels: settings.levels, mean, quantiles, usable };
}

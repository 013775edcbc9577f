/** A global quantile network for panels, on TensorFlow.js; the tensor libraries load when it is first used. */
export { NeuralUnavailableError } from './errors.ts';
export { forecastNeural } from './forecast.ts';
export { parseNeural, serializeNeural } from './model-text.ts';
export { NEURAL_BACKENDS, type NeuralBackend, type RuntimeOptions } from './runtime.ts';
export { trainNeural } from './train.ts';
export {
  NEURAL_KINDS,
  type InputPlan,
  type NeuralData,
  type NeuralForecast,
  type NeuralHooks,
  type NeuralKind,
  type NeuralModel,
  type NeuralSettings,
  type Weight,
} from './types.ts';

import { EngineError } from '../errors.ts';

/** The tensor back end, or the one a kind of network needs, cannot be used where the code runs. */
export class NeuralUnavailableError extends EngineError {
  readonly code = 'NEURAL_UNAVAILABLE';
}

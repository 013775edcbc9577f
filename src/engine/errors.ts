/** Base of everything the engine throws on purpose; `code` is stable and meant for programs. */
export abstract class EngineError extends Error {
  abstract readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** The caller asked a running fit to stop. */
export class CancelledError extends EngineError {
  readonly code = 'CANCELLED';
}

/** Data or settings that no result can be computed from; the message names the offending argument. */
export class InvalidInputError extends EngineError {
  readonly code = 'INVALID_INPUT';
}

/** A stored model that is damaged, foreign or of an unknown version. */
export class CorruptModelError extends EngineError {
  readonly code = 'CORRUPT_MODEL';
}

import { AppError } from './app-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Until when the answer has to begin; undefined where it may take as long as it does. */
    deadline?: RequestDeadline;
    /** Runs until then, or until the answer begins. */
    deadlineTimer?: NodeJS.Timeout;
  }
}

/** 504: work was stopped, since the request it was for has been answered for taking too long. */
export class DeadlinePassedError extends AppError {
  constructor() {
    super(504, 'REQUEST_TIMEOUT', 'The request took too long');
  }
}

/**
 * The moment until which a request has to be answered, for all that works for it: what has begun is ended then, and nothing
 * more is begun.
 */
export class RequestDeadline {
  /** Made with the first: most requests are answered from memory. */
  private enders: Set<() => void> | undefined;
  private over = false;

  /** Whether the request has been given up. */
  get passed(): boolean {
    return this.over;
  }

  /** States how to end something that is going on; at once, if it is too late already. @returns says that it has ended by itself */
  onPass(end: () => void): () => void {
    if (this.over) {
      end();
      return () => undefined;
    }
    const enders = (this.enders ??= new Set());
    enders.add(end);
    return () => enders.delete(end);
  }

  /** Ends all that is going on. */
  pass(): void {
    this.over = true;
    for (const end of this.enders ?? []) end();
    this.enders = undefined;
  }
}

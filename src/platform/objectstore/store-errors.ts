import { AppError } from '../http/index.ts';

const RETRY_AFTER_SECONDS = '5';

/** 503: the object store cannot be reached or does not do as it should. What exactly is in the log. */
export class StoreAwayError extends AppError {
  constructor(what = 'The object store cannot be reached right now') {
    super(503, 'STORE_AWAY', what, [], { 'retry-after': RETRY_AFTER_SECONDS });
  }
}

import { AppError } from '../platform/http/index.ts';

/** 409: there is nothing to forecast from. */
export class NoSalesError extends AppError {
  constructor(message = 'There are no sales yet; upload some first') {
    super(409, 'NO_SALES', message);
  }
}

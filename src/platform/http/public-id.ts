import { Param, ParseUUIDPipe } from '@nestjs/common';
import { InvalidRequestError } from './app-error.ts';

/** Parameter decorator of a path's public id: a UUID, else 400 that names the parameter. */
export const PublicId = (name: string = 'id'): ParameterDecorator =>
  Param(name, new ParseUUIDPipe({ exceptionFactory: () => new InvalidRequestError(name, 'must be a UUID') }));

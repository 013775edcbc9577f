/** One offending field of a request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/**
 * An error with a stable code and an HTTP status, answered as problem+json. What it says is meant for the client, so it
 * never carries SQL, host names or stacks.
 */
export class AppError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: readonly FieldError[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** 400: the request is malformed; `field` names the culprit. */
export class InvalidRequestError extends AppError {
  constructor(field: string, message: string) {
    super(400, 'INVALID_REQUEST', `${field}: ${message}`, [{ field, message }]);
  }
}

/** 401: no valid credentials. */
export class UnauthorizedError extends AppError {
  constructor(message = 'Valid credentials are required') {
    super(401, 'UNAUTHORIZED', message, [], { 'www-authenticate': 'Bearer' });
  }
}

/** 403: signed in, but the role does not allow it. */
export class ForbiddenError extends AppError {
  constructor(message = 'Your role does not allow this') {
    super(403, 'FORBIDDEN', message);
  }
}

/** 404: no such thing, or not for you. */
export class NotFoundError extends AppError {
  constructor(what: string) {
    super(404, 'NOT_FOUND', `${what} not found`);
  }
}

/** 409: the state of the resource does not allow it. */
export class ConflictError extends AppError {
  constructor(message: string, field?: string) {
    super(409, 'CONFLICT', message, field ? [{ field, message }] : []);
  }
}

/** 412: the resource changed since the client read it. */
export class PreconditionFailedError extends AppError {
  constructor() {
    super(412, 'PRECONDITION_FAILED', 'The resource has changed; read it again and use its new ETag');
  }
}

/** 422: well-formed, but not what was agreed. */
export class UnprocessableError extends AppError {
  constructor(message: string, field?: string) {
    super(422, 'UNPROCESSABLE', message, field ? [{ field, message }] : []);
  }
}

/** 429: too often; `retryAfterSeconds` says when there is room again. */
export class TooManyRequestsError extends AppError {
  constructor(message: string, retryAfterSeconds: number) {
    super(429, 'TOO_MANY_REQUESTS', message, [], { 'retry-after': String(retryAfterSeconds) });
  }
}

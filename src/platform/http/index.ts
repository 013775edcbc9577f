export * from './access.ts';
export * from './app-error.ts';
export * from './correlation.ts';
export * from './etag.ts';
export * from './pagination.ts';
export { createValidationPipe } from './validation.ts';
export { ProblemFilter } from './problem.filter.ts';
export type { Problem } from './problem.filter.ts';

export { runInThread, ThreadError, threadFile } from './run-in-thread.ts';
export type { ThreadHooks } from './run-in-thread.ts';
export { serveThread } from './serve-thread.ts';
export type { ThreadContext } from './serve-thread.ts';

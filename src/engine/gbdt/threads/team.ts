import { Worker } from 'node:worker_threads';
import type { FitJob } from '../fit.ts';
import type { TrainMemory } from '../kernel/train-kernel.ts';
import { FAILED } from '../training-memory.ts';
import type { TrainLayout } from '../training-memory.ts';

/**
 * First thing a thread runs: it loads the thread's file or, where that cannot be loaded, says so in the shared memory.
 * The caller blocks during the fit, so that it could not hear of it by an event.
 */
const BOOTSTRAP = `
const { workerData: { file, memory, layout } } = require('node:worker_threads');
import(file).catch((error) => {
  const control = new Int32Array(memory.buffer, layout.control, 4);
  Atomics.store(control, 2, ${FAILED});
  Atomics.notify(control, 1);
  Atomics.notify(control, 3);
  throw error;
});`;

/** What a training thread finds in its `workerData`. */
export interface TeamMember {
  /** Address of the thread's own code. */
  readonly file: string;
  readonly memory: TrainMemory;
  readonly layout: TrainLayout;
  readonly thread: number;
  readonly jobs: readonly FitJob[];
}

/** The compiled file of a thread: threads cannot load TypeScript, so that sources take that of the build. */
function threadFile(): URL {
  const here = import.meta.url;
  if (here.endsWith('.js')) return new URL('./trainer.js', here);
  return new URL('./trainer.js', here.replace(/\/src\/(?!.*\/src\/)/, '/dist/src/'));
}

/**
 * Starts the threads 1, 2, … of a fit; the caller is thread 0. They end by themselves after the fit.
 * @returns tells them to end if they still run
 */
export function startTeam(
  memory: TrainMemory,
  layout: TrainLayout,
  jobs: readonly FitJob[],
  file: URL = threadFile(),
): () => void {
  const workers = Array.from({ length: layout.threads - 1 }, (_, i) => {
    const workerData: TeamMember = { file: file.href, memory, layout, thread: i + 1, jobs };
    const worker = new Worker(BOOTSTRAP, { eval: true, workerData });
    // The caller blocks during the fit and learns of failures from the shared memory; this is only heard afterwards.
    worker.on('error', () => undefined);
    worker.unref();
    return worker;
  });
  return () => workers.forEach((worker) => void worker.terminate());
}

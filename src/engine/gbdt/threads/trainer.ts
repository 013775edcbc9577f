import { workerData } from 'node:worker_threads';
import { fitBoosters } from '../fit.ts';
import { FAILED, ThreadFailedError } from '../training-memory.ts';
import type { TeamMember } from './team.ts';

const { memory, layout, thread, jobs } = workerData as TeamMember;
const control = new Int32Array(memory.buffer, layout.control, 4);
try {
  // Whoever comes up after the caller went on alone must not touch its memory.
  if (Atomics.load(control, 2) === FAILED) throw new ThreadFailedError('The fit went on without this thread');
  Atomics.add(control, 3, 1);
  Atomics.notify(control, 3);
  fitBoosters(memory, layout, thread, jobs, null);
} catch (error) {
  Atomics.store(control, 2, FAILED);
  Atomics.notify(control, 1);
  throw error;
}

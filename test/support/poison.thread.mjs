// Work in a thread that goes wrong in the way it is told to.
import { workerData } from 'node:worker_threads';

const { input } = workerData;
if (input === 'loop') for (;;);
if (input === 'memory') {
  const hoard = [];
  for (;;) hoard.push(new Array(100_000).fill(hoard.length));
}
throw new Error('poison');

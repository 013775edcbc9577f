import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { DEFAULT_BOOSTER_PARAMS, trainBooster } from '../../src/engine/gbdt/index.ts';
import { simulatedTable } from './boosting-data.ts';

// A thread that fits a booster of its own whenever it is asked to.
if (!isMainThread && (workerData as { readonly fitsAlone?: boolean }).fitsAlone) {
  const { train, target } = simulatedTable((workerData as { rows: number }).rows);
  const port = parentPort;
  port?.on('message', () => {
    let start = performance.now();
    const onProgress = (done: number): boolean => {
      if (done === 0) start = performance.now();
      return true;
    };
    trainBooster(train, target, null, { ...DEFAULT_BOOSTER_PARAMS, trees: 100, maxBins: 255 }, { onProgress });
    port.postMessage((performance.now() - start) / 1000);
  });
  port?.postMessage(0);
}

const answer = (worker: Worker): Promise<number> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });

function fit(worker: Worker): Promise<number> {
  const seconds = answer(worker);
  worker.postMessage('fit');
  return seconds;
}

/**
 * How much more work two cores of this machine do than one: two independent fits at the same time against one alone. No
 * program can gain more from a second thread; where two cores share one core's units it is far below 2.
 */
export async function machineScaling(rows: number): Promise<number> {
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url), { workerData: { fitsAlone: true, rows } }));
  await Promise.all(workers.map(answer));
  await fit(workers[0]);
  const alone = await fit(workers[0]);
  const together = await Promise.all(workers.map(fit));
  await Promise.all(workers.map((worker) => worker.terminate()));
  return (2 * alone) / Math.max(...together);
}

import { parentPort, TransferListItem, workerData } from 'node:worker_threads';
import type { ThreadData, ThreadMessage } from './run-in-thread.ts';

/** What the work in a thread may say and ask while it runs. */
export interface ThreadContext {
  readonly onProgress: (percent: number, message: string) => void;
  readonly isCancelled: () => boolean;
  /** Hands a finished part of the result to the host. */
  readonly onPart: (name: string, text: string) => void;
}

/** What comes of the work, and the buffers that move to the host with it. */
interface ThreadResult<R> {
  readonly result: R;
  readonly transfer?: TransferListItem[];
}

/** Body of a thread file: runs `work` on the host's input and posts what comes of it. */
export function serveThread<I, R>(
  work: (input: I, context: ThreadContext) => ThreadResult<R> | Promise<ThreadResult<R>>,
): void {
  void serve(work);
}

async function serve<I, R>(
  work: (input: I, context: ThreadContext) => ThreadResult<R> | Promise<ThreadResult<R>>,
): Promise<void> {
  const { input, cancelFlag } = workerData as ThreadData<I>;
  const flag = new Int32Array(cancelFlag);
  const post = (message: ThreadMessage<R>, transfer: TransferListItem[] = []) =>
    parentPort?.postMessage(message, transfer);
  try {
    const { result, transfer } = await work(input, {
      onProgress: (percent, message) => post({ kind: 'progress', percent, message }),
      isCancelled: () => Atomics.load(flag, 0) === 1,
      onPart: (name, text) => post({ kind: 'part', name, text }),
    });
    post({ kind: 'result', result }, transfer);
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    post({ kind: 'error', code: code ?? 'THREAD_FAILED', message: message ?? String(error) });
  }
}

import { fileURLToPath } from 'node:url';
import { TransferListItem, Worker } from 'node:worker_threads';

/** Messages a thread sends to its host. */
export type ThreadMessage<R> =
  | { readonly kind: 'progress'; readonly percent: number; readonly message: string }
  | { readonly kind: 'part'; readonly name: string; readonly text: string }
  | { readonly kind: 'result'; readonly result: R }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** What a thread finds in `workerData`. */
export interface ThreadData<I> {
  readonly input: I;
  /** One Int32 that the host sets to 1 to ask for the end. */
  readonly cancelFlag: SharedArrayBuffer;
}

/** The work in a thread failed; `code` is that of the error in the thread. */
export class ThreadError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface ThreadHooks {
  onProgress?: (percent: number, message: string) => void;
  /** Told of each part of the result that the thread has finished. */
  onPart?: (name: string, text: string) => void;
  signal?: AbortSignal;
  transfer?: TransferListItem[];
  /** Upper bound of the thread's JavaScript heap; typed arrays do not count. */
  maxHeapMegabytes?: number;
}

/** How long a thread may take to notice that it shall end; one that loops never does, and is ended. */
const CANCEL_GRACE_MS = 3_000;

/**
 * The compiled file of a thread. Threads are plain Node and cannot load TypeScript, so a caller that itself runs from
 * source (as tests do) gets the build's file.
 * @param name file beside the caller without its ending, for example `training.thread`
 */
export function threadFile(callerUrl: string, name: string): URL {
  if (callerUrl.endsWith('.js')) return new URL(`./${name}.js`, callerUrl);
  const source = fileURLToPath(new URL(`./${name}.js`, callerUrl));
  const at = source.lastIndexOf('/src/');
  return new URL(`file://${source.slice(0, at)}/dist${source.slice(at)}`);
}

/**
 * Runs CPU-bound work in a thread of its own so that the event loop keeps renewing locks and answering.
 * @throws ThreadError with the code of the error in the thread; code `CANCELLED` when the signal asked for the end
 */
export function runInThread<I, R>(file: URL, input: I, hooks: ThreadHooks = {}): Promise<R> {
  const cancelFlag = new SharedArrayBuffer(4);
  return new Promise<R>((resolve, reject) => {
    const data: ThreadData<I> = { input, cancelFlag };
    const thread = new Worker(file, {
      workerData: data,
      transferList: hooks.transfer,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: hooks.maxHeapMegabytes ?? 1024 },
    });
    let grace: NodeJS.Timeout | undefined;
    const end = () => {
      settle(() => reject(new ThreadError('CANCELLED', 'The thread did not heed its signal and was ended')));
      void thread.terminate();
    };
    const cancel = () => {
      Atomics.store(new Int32Array(cancelFlag), 0, 1);
      grace = setTimeout(end, CANCEL_GRACE_MS);
    };
    let settled = false;
    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(grace);
      hooks.signal?.removeEventListener('abort', cancel);
      finish();
    };
    if (hooks.signal?.aborted) cancel();
    hooks.signal?.addEventListener('abort', cancel, { once: true });
    thread.on('message', (message: ThreadMessage<R>) => {
      if (message.kind === 'progress') hooks.onProgress?.(message.percent, message.message);
      else if (message.kind === 'part') hooks.onPart?.(message.name, message.text);
      else if (message.kind === 'result') settle(() => resolve(message.result));
      else settle(() => reject(new ThreadError(message.code, message.message)));
    });
    thread.on('error', (error: Error & { code?: string }) =>
      settle(() => reject(new ThreadError(error.code ?? 'THREAD_FAILED', error.message))),
    );
    thread.on('exit', (code) =>
      settle(() => reject(new ThreadError('THREAD_FAILED', `Thread ended with code ${code}`))),
    );
  });
}

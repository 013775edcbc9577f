import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of the build as an operator runs it. */
export interface ProductProcess {
  /** Where the API answers; empty for others. */
  readonly url: string;
  /** Lines of its log so far. */
  readonly log: () => Record<string, unknown>[];
  /** Ends it as an operator would; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `main` (the API) or `worker` and waits until it is ready. @param environment all variables but PATH */
export async function startProcess(
  name: 'main' | 'worker',
  environment: Record<string, string>,
): Promise<ProductProcess> {
  const child = fork(`dist/src/${name}.js`, [], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...environment },
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ready = once(child, 'message') as Promise<[{ url?: string }]>;
  const [{ url = '' }] = await Promise.race([
    ready,
    exited.then(([code]) => Promise.reject(new Error(`${name} ended with code ${code}: ${output}`))),
  ]);
  return {
    url,
    log: () =>
      output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}

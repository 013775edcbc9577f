import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { TestApi } from './test-app.ts';
import { asUser } from './test-database.ts';

/** A worker in a process of its own, so that it can be killed. */
export interface WorkerProcess {
  /** Ends it without any chance to clean up. */
  kill(): Promise<void>;
  /** Ends it as an operator would; answers the exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts the build's worker on the servers of an API and waits until it is ready.
 * @param environment variables beside those of the API
 */
export async function forkWorker(
  { config, database }: TestApi,
  environment: Record<string, string> = {},
): Promise<WorkerProcess> {
  const child: ChildProcess = fork('dist/src/worker.js', [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: asUser(database.url, 'worker'),
      DATA_DIR: config.dataDir,
      REDIS_URL: config.redis?.urls.join(',') ?? '',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'silent',
      ...environment,
    },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`The worker ended with code ${code}`))),
  ]);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return (await exited)[0];
  };
  return {
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

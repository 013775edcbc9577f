import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Longest a process may take to become ready or to end before it is killed. */
const READY_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 30_000;

/** One of the processes the launcher runs. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with the exit code once the process has ended. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

/**
 * Starts an entry point of the build and waits until it says that it is ready. What it logs goes to `logFile`; what it
 * says on stderr is part of the error when it does not become ready.
 */
export async function startChild(
  name: string,
  entry: string,
  environment: NodeJS.ProcessEnv,
  logFile: string,
): Promise<Child> {
  const file = fileURLToPath(new URL(`../${entry}`, import.meta.url));
  // Its own process group, so that Ctrl-C reaches the launcher alone, which stops the others in order.
  const child: ChildProcess = fork(file, [], {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      once(child, 'message'),
      ended.then((code) =>
        Promise.reject(
          new Error(`The ${name} process ended with code ${code}: ${complaint.trim() || `see ${logFile}`}`),
        ),
      ),
      new Promise(
        (_, reject) =>
          (timer = setTimeout(
            () => reject(new Error(`The ${name} process did not become ready; see ${logFile}`)),
            READY_TIMEOUT_MS,
          )),
      ),
    ]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    name,
    pid: child.pid as number,
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
      await ended;
      clearTimeout(kill);
      log.end();
    },
  };
}

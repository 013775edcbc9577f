import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** What `redis-server` says of its version; empty where there is none. */
const version = spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout ?? '';

/** Whether this machine has a `redis-server` to test with. */
export const hasRedis = version.includes('v=');

/** Whether it also makes clusters on any ports, as it does from version 7 on. */
export const hasRedisCluster = Number(/v=(\d+)\./.exec(version)?.[1] ?? 0) >= 7;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Starts a server that keeps nothing, with more settings if need be, and waits until it accepts connections. */
export async function spawnRedis(port: number, settings: Record<string, string> = {}): Promise<ChildProcess> {
  const all = {
    port: String(port),
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn('redis-server', flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}`)));
    server.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Ready to accept connections')) resolve();
    });
  });
  return server;
}

/** Whether a server that was started here has not ended. */
export const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

/** Kills a server, if it runs, without any chance to say goodbye. */
export async function killRedis(server: ChildProcess): Promise<void> {
  if (!isRunning(server)) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Figure, memoryOf, report, short } from './report.ts';

/**
 * What a new user sees: clone, `npm start`, first forecasts; then Ctrl-C and a second start. The short run leaves the
 * clone and the installation out. Linux only, since it reads /proc.
 */
const READY = 'Ctrl-C stops everything.';

interface Launch {
  readonly process: ChildProcess;
  /** Milliseconds until each text appeared first. */
  readonly at: (text: string) => number;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function start(folder: string, dataDir: string, port: number): Promise<Launch> {
  const started = performance.now();
  const launched = spawn('npm', ['start'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let output = '';
  const seen: { length: number; at: number }[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    launched.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
      seen.push({ length: output.length, at: performance.now() - started });
      if (output.includes(READY)) resolve();
    });
    launched.once('exit', (code) => reject(new Error(`npm start ended with code ${code}`)));
  });
  await ready;
  const at = (text: string) => {
    const end = output.indexOf(text);
    return end < 0 ? NaN : (seen.find(({ length }) => length > end)?.at ?? NaN);
  };
  return { process: launched, at };
}

/** Ctrl-C in the terminal: the signal reaches the whole foreground group. */
async function interrupt(launch: Launch): Promise<number> {
  const started = performance.now();
  process.kill(-(launch.process.pid as number), 'SIGINT');
  await once(launch.process, 'exit');
  return (performance.now() - started) / 1000;
}

/** Processes of this data folder, found by their environment or command line. */
function processesOf(dataDir: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const mine = command.includes(dataDir) || readFileSync(`/proc/${name}/environ`, 'utf8').includes(dataDir);
        return mine && Number(name) !== process.pid ? [{ pid: Number(name), command }] : [];
      } catch {
        return [];
      }
    });
}

const work = mkdtempSync(join(tmpdir(), 'shelfcast-startup-'));
const dataDir = join(work, 'data');
const port = await freePort();
const folder = short ? process.cwd() : join(work, 'clone');
const figures: Figure[] = [];
const begun = performance.now();
if (!short) execFileSync('git', ['clone', '--quiet', process.cwd(), folder]);
const clonedAfter = performance.now() - begun;
try {
  const first = await start(folder, dataDir, port);
  const total = (first.at(READY) + clonedAfter) / 1000;
  const installed = Number.isNaN(first.at('Building')) ? 0 : first.at('Building') / 1000;
  if (!short)
    figures.push({ name: 'fresh clone to first forecasts', value: total, unit: 's', target: { atMost: 300 } });
  if (!short) figures.push({ name: 'of it clone and installation', value: installed + clonedAfter / 1000, unit: 's' });
  figures.push({
    name: 'after installation: build, database, sample, training, forecasts',
    value: first.at(READY) / 1000 - installed,
    unit: 's',
    target: { atMost: 120 },
  });
  const running = processesOf(dataDir);
  for (const [name, entry, limit] of [
    ['API', 'main.js', 300],
    ['worker', 'worker.js', 1536],
  ] as const) {
    const pid = running.find(({ command }) => command.includes(`src/${entry}`))?.pid;
    if (pid === undefined) throw new Error(`the ${name} process was not found`);
    figures.push({
      name: `${name} process, peak memory`,
      value: memoryOf(pid).peak,
      unit: 'MB',
      target: { atMost: limit },
    });
  }
  figures.push({ name: 'Ctrl-C to the end of every process', value: await interrupt(first), unit: 's' });
  figures.push({
    name: 'processes left after Ctrl-C',
    value: processesOf(dataDir).length,
    unit: '',
    target: { atMost: 0 },
  });
  const second = await start(folder, dataDir, port);
  figures.push({ name: 'second start to ready', value: second.at(READY) / 1000, unit: 's', target: { atMost: 10 } });
  // A crash: nothing gets the chance to clean up.
  process.kill(-(second.process.pid as number), 'SIGKILL');
  await once(second.process, 'exit');
  const third = await start(folder, dataDir, port);
  figures.push({
    name: 'start after a crash to ready',
    value: third.at(READY) / 1000,
    unit: 's',
    target: { atMost: 10 },
  });
  await interrupt(third);
  report('startup', figures, [
    'warm npm cache; the peer is the clock: these are limits, not ratios',
    'sample: 10 places, 120 products, three years of days',
  ]);
} finally {
  for (const { pid } of processesOf(dataDir)) process.kill(pid, 'SIGKILL');
  if (existsSync(work)) rmSync(work, { recursive: true, force: true });
}

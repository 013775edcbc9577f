import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const LOOK_EVERY_MS = 40;
/** Ticks of ten milliseconds in that time from which a thread is busy; two that share a core have two each. */
const BUSY_TICKS = 1;
/** Looking for new processes reads far more files than looking at the threads of known ones. */
const FAMILY_EVERY_MS = 1000;

interface Thread {
  readonly id: string;
  readonly ticks: number;
  readonly core: number;
}

/**
 * Keeps the busy threads of a process and its children on cores of their own, as `taskset` does. Some virtual machines
 * have schedulers that pack threads onto as few cores as they can; a figure for two threads means two cores. Does
 * nothing where there is no `/proc` or no `taskset`.
 * @returns ends it
 */
export function keepThreadsApart(root: number): () => void {
  const cores = cpus().length;
  if (process.platform !== 'linux' || cores < 2 || spawnSync('taskset', ['--version']).status !== 0)
    return () => undefined;
  let before = new Map<string, number>();
  let family = [root];
  const look = (): void => {
    const threads = family.flatMap(threadsOf);
    const busy = threads
      .map((thread) => ({ ...thread, spent: thread.ticks - (before.get(thread.id) ?? thread.ticks) }))
      .filter(({ spent }) => spent >= BUSY_TICKS)
      .sort((a, b) => b.spent - a.spent)
      .slice(0, cores);
    before = new Map(threads.map(({ id, ticks }) => [id, ticks]));
    if (new Set(busy.map(({ core }) => core)).size === busy.length) return;
    busy.forEach(({ id }, core) => spawnSync('taskset', ['-cp', String(core), id]));
  };
  const timers = [
    setInterval(look, LOOK_EVERY_MS),
    setInterval(() => {
      family = familyOf(root);
    }, FAMILY_EVERY_MS),
  ];
  return () => timers.forEach(clearInterval);
}

/** The process and all it has started. */
function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statFields(`/proc/${name}/stat`) : null;
    if (fields !== null) parents.set(Number(name), Number(fields[1]));
  }
  const isOwn = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || isOwn(parents.get(pid)));
  return [...parents.keys()].filter(isOwn);
}

function threadsOf(pid: number): Thread[] {
  let ids: string[] = [];
  try {
    ids = readdirSync(`/proc/${pid}/task`);
  } catch {
    // It has ended meanwhile.
  }
  return ids.flatMap((id) => {
    const fields = statFields(`/proc/${pid}/task/${id}/stat`);
    return fields === null ? [] : [{ id, ticks: Number(fields[11]) + Number(fields[12]), core: Number(fields[36]) }];
  });
}

/** Fields of proc(5) from the state, the third, on; null where the process or thread has ended. */
function statFields(file: string): string[] | null {
  try {
    const text = readFileSync(file, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

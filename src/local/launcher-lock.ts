import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alive } from './process-alive.ts';

/** Another launcher already runs on the same data folder. */
export class AlreadyRunningError extends Error {}

/** Whether the process is a launcher; after a crash its number may belong to another program. */
function isLauncher(pid: number): boolean {
  if (!alive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('bootstrap.mjs');
  } catch {
    return true;
  }
}

/**
 * Claims the data folder for this process.
 * @returns a function that gives it back
 * @throws AlreadyRunningError while another launcher holds it; a lock left by a crash is taken over
 */
export function lockDataFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'launcher.pid');
  if (existsSync(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && isLauncher(pid)) {
      throw new AlreadyRunningError(
        `Shelfcast already runs on ${folder} (process ${pid}); stop it first, or set DATA_DIR to another folder`,
      );
    }
  }
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

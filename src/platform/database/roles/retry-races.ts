import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 10;
const PAUSE_MS = 100;
/** Unique violation, duplicate object, and a row of the catalogue that another has changed meanwhile. */
const RACES = ['23505', '42710', 'XX000'];

/**
 * Runs `work` again while another process does the same: roles belong to the whole server, and no lock of one database
 * keeps those of the others away. Not for use inside a transaction, which the first failure would end.
 */
export async function retryRaces<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { code = '', message } = error as Error & { code?: string };
      const lost = RACES.includes(code) && (code !== 'XX000' || /concurrently/.test(message));
      if (!lost || attempt === TRIES) throw error;
      await sleep(PAUSE_MS * attempt);
    }
  }
}

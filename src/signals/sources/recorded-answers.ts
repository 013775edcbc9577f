import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedAnswerError } from './bounded-read.ts';
import type { Read } from './guarded-service.ts';
import { isCivilDate } from '../civil-day.ts';

/** Reads recorded answers from a folder instead of the network, by their names. */
export function readRecorded(folder: string): Read {
  return async (name) => {
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch {
      throw new RefusedAnswerError(`no recorded answer ${name}`);
    }
  };
}

/** The day on which the answers of a folder were recorded, as its `recording.json` says. @throws Error where it does not */
export async function recordedDay(folder: string): Promise<string> {
  const { today } = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8')) as { today?: unknown };
  if (!isCivilDate(today)) throw new Error('recording.json: today is not a calendar day such as 2026-05-31');
  return today;
}

import { readFileSync } from 'node:fs';

/** Version of the program by the nearest package.json above this file: the same from source and from the build. */
function readCodeVersion(): string {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    try {
      return (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string }).version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || folder.pathname === '/') throw error;
    }
  }
}

/** Version of the code that trains, entered with each model. */
export const CODE_VERSION = readCodeVersion();

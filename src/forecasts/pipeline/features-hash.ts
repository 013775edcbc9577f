import { createHash } from 'node:crypto';
import type { Bundle } from './bundles.ts';

/** One hash for the parts of a set of features, whatever order they were made in. */
export function featuresHash(parts: readonly Pick<Bundle, 'key' | 'sha256'>[]): string {
  const hash = createHash('sha256');
  for (const line of parts.map(({ key, sha256 }) => `${key} ${sha256}\n`).sort()) hash.update(line);
  return hash.digest('hex');
}

import { InvalidRequestError } from './app-error.ts';

const HOSTILE = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_DEPTH = 32;

/**
 * Refuses keys that reach for an object's prototype, and nesting that would exhaust the stack of what reads it next. The
 * transformer drops such keys silently; a client that sends them is told.
 * @throws InvalidRequestError (400) naming the key
 */
export function refuseHostileKeys(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length; depth++) {
    if (depth > MAX_DEPTH) throw new InvalidRequestError('body', `must not nest deeper than ${MAX_DEPTH} levels`);
    const next: unknown[] = [];
    for (const item of level) {
      if (item === null || typeof item !== 'object') continue;
      if (!Array.isArray(item)) {
        for (const key of Object.keys(item)) {
          if (HOSTILE.has(key)) throw new InvalidRequestError(key, `property ${key} should not exist`);
        }
      }
      for (const child of Object.values(item)) if (child !== null && typeof child === 'object') next.push(child);
    }
    level = next;
  }
}

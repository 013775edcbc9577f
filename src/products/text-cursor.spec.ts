import { describe, expect, it } from '@jest/globals';
import { AppError, encodeCursor } from '../platform/http/index.ts';
import { containsPattern, decodeTextCursor } from './text-cursor.ts';

describe('decodeTextCursor', () => {
  it('reads back what a page ended with', () => {
    expect(decodeTextCursor(encodeCursor(['A-1', 7]))).toEqual({ text: 'A-1', id: 7 });
    expect(decodeTextCursor(undefined)).toBeNull();
  });

  it.each([
    [encodeCursor([1, 2])],
    [encodeCursor(['a', 'b'])],
    [encodeCursor(['a', 1e300])],
    [encodeCursor(['a'])],
    ['%%'],
  ])('refuses %s', (cursor) => {
    expect(() => decodeTextCursor(cursor)).toThrow(AppError);
  });
});

describe('containsPattern', () => {
  it('takes wildcards literally', () => {
    expect(containsPattern('50%_\\')).toBe('%50\\%\\_\\\\%');
  });
});

import { describe, expect, it } from '@jest/globals';
import { compareUrgency } from './urgency.ts';
import type { UrgencyKey } from './urgency.ts';

describe('compareUrgency', () => {
  it('puts orders first, then the least covered, then the largest demand, then the keys', () => {
    const sorted: UrgencyKey[] = [
      [1, 1, 9, 4, 1],
      [1, 1, 5, 1, 1],
      [1, 1, 5, 1, 2],
      [1, 1, 5, 2, 1],
      [1, 0.6, 90, 1, 1],
      [0, 1, 90, 1, 1],
    ];
    expect([...sorted].reverse().sort(compareUrgency)).toEqual(sorted);
  });
});

import { describe, expect, it } from '@jest/globals';
import { RequestDeadline } from './request-deadline.ts';

describe('RequestDeadline', () => {
  it('ends what is going on, once, and not what has ended by itself', () => {
    const deadline = new RequestDeadline();
    const ended: string[] = [];
    deadline.onPass(() => ended.push('statement'));
    const forget = deadline.onPass(() => ended.push('done before'));
    deadline.onPass(() => ended.push('key'));
    forget();
    expect(deadline.passed).toBe(false);
    deadline.pass();
    deadline.pass();
    expect(deadline.passed).toBe(true);
    expect(ended).toEqual(['statement', 'key']);
  });

  it('ends at once what is told of too late', () => {
    const deadline = new RequestDeadline();
    deadline.pass();
    const ended: string[] = [];
    deadline.onPass(() => ended.push('late'))();
    expect(ended).toEqual(['late']);
  });
});

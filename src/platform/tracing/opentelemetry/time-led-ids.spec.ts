import { describe, expect, it } from '@jest/globals';
import { TimeLedIds } from './time-led-ids.ts';

describe('Ids led by time', () => {
  it('begin with the second, and differ', () => {
    const ids = new TimeLedIds(() => 0x5759e988 * 1000 + 999);
    const traces = Array.from({ length: 50 }, () => ids.generateTraceId());
    for (const id of traces) expect(id).toMatch(/^5759e988[0-9a-f]{24}$/);
    expect(new Set(traces).size).toBe(50);
    expect(ids.generateSpanId()).toMatch(/^[0-9a-f]{16}$/);
  });

  it('have their full length however early the clock', () => {
    expect(new TimeLedIds(() => 0).generateTraceId()).toMatch(/^00000000[0-9a-f]{24}$/);
  });
});

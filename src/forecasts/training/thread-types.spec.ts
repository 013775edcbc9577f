import { describe, expect, it } from '@jest/globals';
import { deserialize, serialize } from 'node:v8';
import { MessageChannel } from 'node:worker_threads';
import { buffersOf } from './thread-types.ts';

describe('buffers to move between threads', () => {
  it('names each buffer once, at any depth', () => {
    const shared = new Float64Array(new ArrayBuffer(32));
    const value = {
      a: shared,
      deep: [{ b: shared.subarray(1) }, new Int32Array(new ArrayBuffer(8))],
      text: 'x',
      none: null,
    };
    expect(buffersOf(value)).toHaveLength(2);
  });

  it('of arrays that were read from bytes, some into a pool of Node, can be moved', () => {
    // The text in front puts the arrays at odd places, from where they are copied to aligned memory.
    const stored = serialize({ odd: 'abc', days: new Int32Array([1, 2, 3]), units: new Float64Array([4, 5]) });
    const memory = Buffer.from(new ArrayBuffer(stored.length));
    stored.copy(memory);
    const read = deserialize(memory) as { days: Int32Array; units: Float64Array };
    const { port1, port2 } = new MessageChannel();
    try {
      expect(() => port1.postMessage(read, buffersOf(read))).not.toThrow();
      expect(Buffer.from('the pool is still there').toString()).toBe('the pool is still there');
    } finally {
      port1.close();
      port2.close();
    }
  });
});

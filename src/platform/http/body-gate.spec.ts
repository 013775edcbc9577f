import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventEmitter } from 'node:events';
import { BodyGate } from './body-gate.ts';

const MB = 1_000_000;

/** A request of so many bytes, and what the gate has said to it. */
function arrive(gate: BodyGate, bytes: number | undefined) {
  const raw = new EventEmitter();
  const state = { let: 'waiting', leave: () => void raw.emit('close') };
  const headers = bytes === undefined ? {} : { 'content-length': String(bytes) };
  gate.hook(
    { headers, raw: { complete: true } } as unknown as FastifyRequest,
    { raw } as unknown as FastifyReply,
    (error?: Error) => void (state.let = error ? 'out' : 'in'),
  );
  return state;
}

describe('a gate for large bodies', () => {
  it('lets in what there is room for, and the rest in its order as others leave', () => {
    const gate = new BodyGate(10 * MB, 5 * MB);
    const [a, b, c, d, e] = [4, 4, 4, 1, 4].map((size) => arrive(gate, size * MB));
    expect([a, b, c, d, e].map((one) => one.let)).toEqual(['in', 'in', 'waiting', 'in', 'waiting']);
    d.leave();
    expect(c.let).toBe('waiting');
    a.leave();
    expect([c.let, e.let]).toEqual(['in', 'waiting']);
    // One that goes away while it waits takes up no room.
    e.leave();
    const last = arrive(gate, undefined);
    expect(last.let).toBe('waiting');
    b.leave();
    expect(last.let).toBe('in');
    for (const one of [c, last]) one.leave();
    expect(arrive(gate, 5 * MB).let).toBe('in');
  });

  it('is open to small bodies, and to one that is larger than all it has room for', () => {
    const gate = new BodyGate(2 * MB, 5 * MB);
    const large = arrive(gate, 50 * MB);
    expect([large.let, arrive(gate, 60_000).let, arrive(gate, 0).let]).toEqual(['in', 'in', 'in']);
    expect(arrive(gate, 70_000).let).toBe('waiting');
    large.leave();
  });

  it('turns requests away when a thousand wait', () => {
    const gate = new BodyGate(5 * MB, 5 * MB);
    const all = Array.from({ length: 1_002 }, () => arrive(gate, 5 * MB));
    expect([all[0].let, all[1].let, all[1_000].let, all[1_001].let]).toEqual(['in', 'waiting', 'waiting', 'out']);
    for (const one of all) one.leave();
    expect(all[1_000].let).toBe('in');
  });
});

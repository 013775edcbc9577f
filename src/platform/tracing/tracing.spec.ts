import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Telemetry } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';
import { ToldSpan, TraceCollector } from '../../../test/support/trace-collector.ts';
import {
  isRecording,
  isTracing,
  openSpan,
  queueTelemetry,
  startTracing,
  stopTracing,
  traced,
  tracedProcess,
  traceHeaders,
  traceIds,
  untraced,
} from './index.ts';

const PRODUCER = 3;
const CONSUMER = 4;
const INTERNAL = 0;

class Refused extends Error {
  readonly code = 'REFUSED';
  constructor(readonly status: number) {
    super('secret@example.test may not');
  }
}

describe('Tracing', () => {
  let collector: TraceCollector;
  const named = (name: string) => collector.spans.find((span) => span.name === name) as ToldSpan;

  it('is off until it is started: work runs as it is', async () => {
    expect([isTracing(), isRecording(), traceIds(), traceHeaders(), queueTelemetry()]).toEqual([
      false,
      false,
      null,
      {},
      undefined,
    ]);
    expect(openSpan('client', 'nothing')).toBeNull();
    expect(traced('internal', 'nothing', {}, (span) => [span, 7])).toEqual([null, 7]);
    expect(await tracedProcess('nothing', async () => untraced(() => 8))).toBe(8);
    await stopTracing();
  });

  describe('once started', () => {
    beforeAll(async () => {
      collector = await TraceCollector.start();
      await startTracing({ tracesUrl: `${collector.url}/v1/traces`, ratio: 1 }, 'spec');
      await tracedProcess('process', async () => {
        expect(traced('internal', 'at once', {}, () => isRecording())).toBe(true);
        expect(() => traced('internal', 'refused', {}, () => refuse(403))).toThrow(Refused);
        await expect(traced('internal', 'failed', {}, async () => refuse(500))).rejects.toThrow(Refused);
        untraced(() => traced('client', 'heartbeat', {}, () => undefined));
        await publishAndProcess(queueTelemetry() as Telemetry);
      });
      await tracedProcess('busy', async () => {
        for (let i = 0; i < 700; i++) openSpan('client', 'statement')?.end();
      });
      const late = tracedProcess('answered', () => sleepThen(() => openSpan('client', 'too late')));
      expect(await late.later).toBeNull();
      await stopTracing();
    });
    afterAll(() => collector.stop());

    it('makes spans of work, each below the one it belongs to', () => {
      expect(named('process')).toMatchObject({ service: 'spec', parentSpanId: '', failed: false });
      expect(named('at once')).toMatchObject({ parentSpanId: named('process').spanId, failed: false });
    });

    it('tells why work failed by a code, and that a client was at fault is no failure', () => {
      expect(named('refused')).toMatchObject({ failed: false, attributes: { 'error.type': 'REFUSED' } });
      expect(named('failed')).toMatchObject({ failed: true, attributes: { 'error.type': 'REFUSED' } });
      expect(collector.raw.join()).not.toContain('secret@example.test');
    });

    it('leaves out what tells nothing, and what goes on after its work has ended', () => {
      expect(named('heartbeat')).toBeUndefined();
      expect(named('too late')).toBeUndefined();
    });

    it('follows a message, and goes on without a trace where it carries none that is understood', () => {
      const spans = collector.spans.filter(({ name }) => name === 'process letters');
      expect(named('publish letters')).toMatchObject({ parentSpanId: named('process').spanId });
      expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([named('publish letters').spanId, '', '']);
      expect(spans[0].attributes).toEqual({
        'messaging.system': 'bullmq',
        'messaging.operation.name': 'process',
        'messaging.message.id': '17',
      });
      expect(named('renew lock')).toBeUndefined();
      expect(named('command of the lock')).toBeUndefined();
      expect(collector.raw.join()).not.toContain('secret result');
    });

    it('keeps at most 500 spans below the first of a process, and counts the others', () => {
      const busy = named('busy');
      expect(collector.trace(busy.traceId)).toHaveLength(501);
      expect(busy.attributes['shelfcast.spans.left_out']).toBe(200);
    });
  });
});

function refuse(status: number): never {
  throw new Refused(status);
}

/** Work that goes on after the one who started it has ended. */
function sleepThen<T>(work: () => T): { readonly later: Promise<T> } {
  return { later: sleep(20).then(work) };
}

/** What BullMQ does with its telemetry: publish, renew a lock, process three messages. */
async function publishAndProcess({ tracer, contextManager }: Telemetry): Promise<void> {
  const active = contextManager.active();
  const publishing = tracer.startSpan('add letters.letters', { kind: PRODUCER });
  const metadata = contextManager.getMetadata(publishing.setSpanOnContext(active));
  publishing.end();
  const renewing = tracer.startSpan('extendLocks letters', { kind: INTERNAL });
  contextManager.with(renewing.setSpanOnContext(active), () => openSpan('client', 'command of the lock')?.end());
  renewing.end();
  for (const carried of [metadata, 'not JSON', null]) {
    const parent = carried === null ? undefined : contextManager.fromMetadata(contextManager.root?.(), carried);
    const processing = tracer.startSpan('process letters', { kind: CONSUMER }, parent);
    if (carried === metadata)
      processing.setAttributes({
        'bullmq.job.id': '17',
        'bullmq.job.result': 'secret result',
        'bullmq.worker.id': 'w',
      });
    processing.addEvent('job completed', { 'bullmq.job.result': 'secret result' });
    processing.end();
  }
}

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Content of an object from one of its bytes on. */
export interface OpenedBody {
  readonly body: Readable;
  /** Bytes of the whole object. */
  readonly bytes: number;
}

/** Connections in a row that may break without bringing anything. */
const MOST_FAILURES = 3;
const PAUSE_MS = 200;

/**
 * A stream over an object that goes on where its connection broke: a large file is read as slowly as it is parsed, which
 * servers take for silence, and starting again would do its work twice.
 * @param first the object from its byte `start` on
 * @param reopen opens the same content from a byte on; its errors end the stream
 */
export function resumingRead(
  first: OpenedBody,
  start: number,
  reopen: (from: number) => Promise<OpenedBody>,
): Readable {
  let { body } = first;
  const chunks = async function* (): AsyncGenerator<Buffer> {
    let at = start;
    let failures = 0;
    let iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      let next: IteratorResult<Buffer>;
      try {
        next = await iterator.next();
        if (next.done && at < first.bytes) throw new Error('The content ended too early');
      } catch (error) {
        // With every byte there, what is wrong is the content itself.
        if (at >= first.bytes || ++failures > MOST_FAILURES) throw error;
        body.destroy();
        await sleep(PAUSE_MS * failures);
        ({ body } = await reopen(at));
        body.on('error', () => undefined);
        iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
        continue;
      }
      if (next.done) return;
      failures = 0;
      at += next.value.length;
      yield next.value;
    }
  };
  body.on('error', () => undefined);
  const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: 1 << 20 });
  // Who stops reading waits for no server.
  stream.once('close', () => body.destroy());
  return stream;
}

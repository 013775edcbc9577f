import { OpenSpan, traced, traceHeaders } from '../../platform/tracing/index.ts';

/** Bounds of one answer. */
export interface ReadLimits {
  /** Time for the whole answer, first byte to last. */
  readonly timeoutMs: number;
  /** Bytes of the body after decompression. */
  readonly maxBytes: number;
}

/** The service may answer if asked again: no connection, no end in time, 429 or 5xx. */
export class PassingFailureError extends Error {
  readonly code = 'SIGNAL_PASSING_FAILURE';
}

/** The service refuses or answers beyond the bounds; asking again would not help. */
export class RefusedAnswerError extends Error {
  readonly code = 'SIGNAL_REFUSED';
}

/**
 * Reads a document and not a byte more than allowed, however long it is said to be and however slowly it comes. Redirects
 * are refused: an answer comes from the host that was named, or not at all. Messages carry no query: it may hold a key.
 * @throws PassingFailureError, RefusedAnswerError
 */
export function readBounded(url: URL, limits: ReadLimits, stop: AbortSignal): Promise<string> {
  const about = { 'http.request.method': 'GET', 'server.address': url.hostname };
  return traced('client', 'GET', about, (span) => read(url, limits, stop, span));
}

async function read(
  url: URL,
  { timeoutMs, maxBytes }: ReadLimits,
  stop: AbortSignal,
  span: OpenSpan | null,
): Promise<string> {
  const where = `${url.host}${url.pathname}`;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([stop, deadline]);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal,
      headers: { accept: 'application/json, text/csv', ...traceHeaders() },
    });
    const refuse = async (error: Error): Promise<never> => {
      await response.body?.cancel();
      throw error;
    };
    const { status } = response;
    span?.set({ 'http.response.status_code': status });
    if (status === 429 || status >= 500) await refuse(new PassingFailureError(`${where} answered ${status}`));
    if (status >= 300 && status < 400) await refuse(new RefusedAnswerError(`${where} redirects elsewhere`));
    if (status !== 200) await refuse(new RefusedAnswerError(`${where} answered ${status}`));
    const tooLarge = () => new RefusedAnswerError(`${where} sends more than ${maxBytes} bytes`);
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) await refuse(tooLarge());
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    // Leaving the loop by an error closes the connection.
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).byteLength;
      if (bytes > maxBytes) throw tooLarge();
      chunks.push(chunk as Uint8Array);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if (error instanceof PassingFailureError || error instanceof RefusedAnswerError) throw error;
    if (deadline.aborted) throw new PassingFailureError(`${where} did not end its answer within ${timeoutMs} ms`);
    throw new PassingFailureError(`${where} cannot be reached`);
  }
}

import type { SampleEvent } from './sample-event.ts';

/** Longest an answer is waited for. */
const TIMEOUT_MS = 60_000;

/** Where events are sent, and as whom. */
export interface Session {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Access token of a caller with the event's role. */
  readonly token: string;
}

/** What came of an event. */
export interface Replayed {
  /** Null where no answer came. */
  readonly status: number | null;
  readonly milliseconds: number;
  /** How the answer differs from what was expected; null if it does not. */
  readonly fault: string | null;
}

/** Sends an event, its placeholders filled in, and compares the answer with what is expected. */
export async function replayEvent({ origin, token }: Session, event: SampleEvent): Promise<Replayed> {
  const started = performance.now();
  const ended = (status: number | null, fault: string | null): Replayed => ({
    status,
    milliseconds: performance.now() - started,
    fault,
  });
  try {
    const answer = await fetch(origin + event.path, {
      method: event.method,
      headers: {
        ...(event.role === 'anybody' ? {} : { authorization: `Bearer ${token}` }),
        ...(event.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: event.body === undefined ? undefined : JSON.stringify(event.body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return ended(answer.status, faultOf(event, answer.status, await answer.text()));
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    return ended(null, `no answer: ${cause?.message || message}`);
  }
}

/** A refusal, as far as events are compared with it. */
interface Problem {
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string }[];
}

function faultOf({ status: expected, field }: SampleEvent, status: number, text: string): string | null {
  const problem = status >= 400 ? problemOf(text) : {};
  if (status !== expected) return `expected ${expected}${problem.detail ? `; ${problem.detail}` : ''}`;
  const named = problem.errors?.map((error) => error.field) ?? [];
  if (field === undefined || named.includes(field)) return null;
  return `expected ${field} to be named, not ${named.join(', ') || 'no field'}`;
}

function problemOf(text: string): Problem {
  try {
    return (JSON.parse(text) as Problem | null) ?? {};
  } catch {
    // A proxy's page.
    return {};
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProgressBar } from './terminal.ts';

const POLL_MS = 250;

/** A request that the API refused or could not serve. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface JobAnswer {
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly progress: { readonly percent: number; readonly step: string; readonly message: string };
  readonly result: Record<string, unknown> | null;
  readonly error: { readonly message: string } | null;
}

/** Speaks to the running API the way any client does, signed in as the administrator. */
export class ApiClient {
  /** Access token of the session. */
  token = '';

  constructor(
    readonly origin: string,
    readonly credentials: { readonly email: string; readonly password: string },
  ) {}

  /** @throws ApiError with status 401 when the password has been changed since */
  async signIn(): Promise<void> {
    const { access_token } = await this.request<{ access_token: string }>('POST', '/auth/login', this.credentials);
    this.token = access_token;
  }

  /** Cancels a job; one that has ended stays as it is. */
  async cancel(jobId: string): Promise<void> {
    await this.request('DELETE', `/jobs/${jobId}`);
  }

  get<T>(path: string): Promise<T> {
    return this.request<T>('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.request<T>('POST', path, body);
  }

  /** Uploads a file as multipart `file` and answers the job. */
  upload(name: string, content: Blob): Promise<{ job_id: string }> {
    const form = new FormData();
    form.set('file', content, name);
    return this.request('POST', '/sales-data/upload', form);
  }

  /**
   * Sends a file as multipart `file` while it is being made, so that it is never in memory as a whole.
   * @param path route that takes it
   * @param signal aborted: the sending ends with its reason; once all is sent the answer is waited for all the same, since
   * it names what the server has begun
   * @throws ApiError; what `content` throws
   */
  async stream<T>(path: string, name: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<T> {
    // A session that has run out is renewed now: what has been streamed cannot be sent again.
    await this.get('/auth/me');
    const boundary = `shelfcast-${randomUUID()}`;
    const cut = new AbortController();
    const onAbort = () => cut.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', onAbort, { once: true });
    let failure: unknown = null;
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name.replaceAll('"', "'")}"\r\ncontent-type: text/csv\r\n\r\n`,
      );
      try {
        yield* content;
      } catch (error) {
        failure = error;
        throw error;
      }
      signal.removeEventListener('abort', onAbort);
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    }
    try {
      const answer = await this.fetched(path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.token}`,
          'content-type': `multipart/form-data; boundary=${boundary}`,
        },
        body: body(),
        duplex: 'half',
        signal: cut.signal,
      });
      return await this.parsed('POST', path, answer);
    } catch (error) {
      // To the connection it is one that broke; the caller wants to know why.
      throw failure ?? error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Follows a job to its end on a bar. @param signal aborted: the waiting ends with its reason, the job goes on */
  async follow(
    jobId: string,
    bar?: Pick<ProgressBar, 'update'>,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    for (;;) {
      signal?.throwIfAborted();
      const job = await this.get<JobAnswer>(`/jobs/${jobId}`);
      bar?.update(job.progress.percent, job.progress.message || job.progress.step);
      if (job.state === 'succeeded') return job.result ?? {};
      if (job.state === 'failed' || job.state === 'cancelled')
        throw new Error(job.error?.message ?? `the job was ${job.state}`);
      await sleep(POLL_MS);
    }
  }

  private async request<T>(method: string, path: string, body?: unknown, retried = false): Promise<T> {
    const form = body instanceof FormData;
    const answer = await this.fetched(path, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : form ? body : JSON.stringify(body),
    });
    if (answer.status === 401 && this.token && !retried) {
      // The access token lives for minutes, a training on a large file may take longer.
      this.token = '';
      await this.signIn();
      return this.request(method, path, body, true);
    }
    return this.parsed(method, path, answer);
  }

  /** @throws ApiError 503 where the server does not answer; the reason of an abort */
  private async fetched(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.origin}/api/v1${path}`, init);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const cause = error.cause as Error | undefined;
      throw new ApiError(503, `${this.origin} does not answer (${cause?.message || error.message})`);
    }
  }

  private async parsed<T>(method: string, path: string, answer: Response): Promise<T> {
    const text = await answer.text();
    const parsed = text ? (JSON.parse(text) as T & { detail?: string }) : ({} as T & { detail?: string });
    if (!answer.ok) throw new ApiError(answer.status, parsed.detail ?? `${method} ${path}: ${answer.status}`);
    return parsed;
  }
}

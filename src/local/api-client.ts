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
    private readonly origin: string,
    private readonly credentials: { readonly email: string; readonly password: string },
  ) {}

  /** @throws ApiError with status 401 when the password has been changed since */
  async signIn(): Promise<void> {
    const { access_token } = await this.request<{ access_token: string }>('POST', '/auth/login', this.credentials);
    this.token = access_token;
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

  /** Follows a job to its end on a bar. */
  async follow(jobId: string, bar?: ProgressBar): Promise<Record<string, unknown>> {
    for (;;) {
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
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
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
    const text = await answer.text();
    const parsed = text ? (JSON.parse(text) as T & { detail?: string }) : ({} as T & { detail?: string });
    if (!answer.ok) throw new ApiError(answer.status, parsed.detail ?? `${method} ${path}: ${answer.status}`);
    return parsed;
  }
}

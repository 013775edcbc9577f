import type { JobState } from '../platform/queue/index.ts';
import type { Upload } from './uploads.store.ts';

/** The way of a sales file, in order. */
export const INGEST_STEPS = ['receive', 'store', 'start', 'clean', 'load', 'signals', 'quality'] as const;

export type IngestStepName = (typeof INGEST_STEPS)[number];

export const INGEST_STEP_STATES = ['waiting', 'running', 'done', 'held', 'failed', 'cancelled', 'skipped'] as const;

export type IngestStepState = (typeof INGEST_STEP_STATES)[number];

/** Where a file is with one step. */
export interface IngestStep {
  readonly name: IngestStepName;
  readonly state: IngestStepState;
  /** Null where it is not known, or the step has not ended. */
  readonly finishedAt: Date | null;
}

const STATE_OF_JOB: Readonly<Record<JobState, IngestStepState>> = {
  queued: 'waiting',
  running: 'running',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Progress of a job while the file is read; before and after it says otherwise. */
const READING = 'reading';

/**
 * What has become of a file, step by step: it is received and its kind is looked at; stored byte for byte; a worker starts
 * on it; its rows are cleaned, that is parsed, checked and freed of personal data; the clean ones are loaded; signals are
 * fetched for what is new, where services are configured; and its quality is reported, that of its rows by the load and
 * that of its series by a job of its own.
 */
export function ingestSteps(upload: Upload): IngestStep[] {
  const { created_at: createdAt, started_at: startedAt, finished_at: finishedAt, report } = upload;
  const step = (name: IngestStepName, state: IngestStepState, at: Date | null = null): IngestStep => ({
    name,
    state,
    finishedAt: at,
  });
  const before = [step('receive', 'done', createdAt), step('store', 'done', createdAt)];
  const after = (state: IngestStepState) => (['signals', 'quality'] as const).map((name) => step(name, state));
  const start = startedAt ? step('start', 'done', startedAt) : step('start', stateBeforeStart(upload));
  // A file that was held and then released is read again; the report is that of the reading before.
  const isOver = upload.state === 'loaded' || upload.state === 'held';
  if (report && isOver) {
    const cleanedAt = finishedAt && laterOf(startedAt, finishedAt.getTime() - 1000 * report.seconds.load);
    const clean = step('clean', 'done', cleanedAt);
    if (upload.state === 'held') return [...before, start, clean, step('load', 'held'), ...after('waiting')];
    return [...before, start, clean, step('load', 'done', finishedAt), signalsOf(upload), qualityOf(upload)];
  }
  if (!startedAt) {
    const ended = upload.state === 'cancelled' || upload.state === 'failed';
    const rest = ended ? 'skipped' : 'waiting';
    return [...before, start, step('clean', rest), step('load', rest), ...after(rest)];
  }
  const isReading = upload.job_step === READING || upload.job_step === '';
  if (upload.state === 'failed' || upload.state === 'cancelled') {
    const { state } = upload;
    return [
      ...before,
      start,
      ...(isReading
        ? [step('clean', state, finishedAt), step('load', 'skipped')]
        : [step('clean', 'done'), step('load', state, finishedAt)]),
      ...after('skipped'),
    ];
  }
  return [
    ...before,
    start,
    ...(isReading
      ? [step('clean', 'running'), step('load', 'waiting')]
      : [step('clean', 'done'), step('load', 'running')]),
    ...after('waiting'),
  ];
}

/** Two clocks may differ by a little. */
function laterOf(first: Date | null, time: number): Date {
  return new Date(Math.max(first?.getTime() ?? 0, time));
}

function stateBeforeStart({ state }: Upload): IngestStepState {
  return state === 'failed' || state === 'cancelled' ? state : 'waiting';
}

function signalsOf({ signals_state: state, signals_at: at }: Upload): IngestStep {
  return { name: 'signals', state: state ? STATE_OF_JOB[state] : 'skipped', finishedAt: at };
}

function qualityOf({ quality_state: state, quality_at: at, series_findings: findings }: Upload): IngestStep {
  if (state) return { name: 'quality', state: STATE_OF_JOB[state], finishedAt: at };
  // Loaded before the job was named here, or not yet followed by it.
  return { name: 'quality', state: findings ? 'done' : 'waiting', finishedAt: null };
}

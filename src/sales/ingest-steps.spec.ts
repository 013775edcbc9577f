import { describe, expect, it } from '@jest/globals';
import { INGEST_STEPS, ingestSteps } from './ingest-steps.ts';
import type { Upload } from './uploads.store.ts';

const CREATED = new Date('2026-03-01T10:00:00Z');
const STARTED = new Date('2026-03-01T10:00:05Z');
const FINISHED = new Date('2026-03-01T10:01:00Z');
const upload = (change: Partial<Upload>) =>
  ({ state: 'queued', created_at: CREATED, started_at: null, finished_at: null, report: null, ...change }) as Upload;
const REPORT = { seconds: { parse: 30, load: 20 } } as Upload['report'];
const LOADED = { state: 'loaded', started_at: STARTED, finished_at: FINISHED, report: REPORT } as const;
const statesOf = (change: Partial<Upload>) => {
  const steps = ingestSteps(upload(change));
  expect(steps.map(({ name }) => name)).toEqual([...INGEST_STEPS]);
  return steps.map(({ state }) => state).join(' ');
};

describe('the steps of an upload', () => {
  it.each<[string, Partial<Upload>, string]>([
    ['queued', {}, 'done done waiting waiting waiting waiting waiting'],
    ['cancelled in the queue', { state: 'cancelled' }, 'done done cancelled skipped skipped skipped skipped'],
    [
      'being read',
      { state: 'loading', started_at: STARTED, job_step: 'reading' },
      'done done done running waiting waiting waiting',
    ],
    [
      'being loaded',
      { state: 'loading', started_at: STARTED, job_step: 'writing' },
      'done done done done running waiting waiting',
    ],
    [
      'unreadable',
      { state: 'failed', started_at: STARTED, job_step: 'reading', finished_at: FINISHED },
      'done done done failed skipped skipped skipped',
    ],
    [
      'cancelled while it was loaded',
      { state: 'cancelled', started_at: STARTED, job_step: 'sorting', finished_at: FINISHED },
      'done done done done cancelled skipped skipped',
    ],
    ['held', { ...LOADED, state: 'held' }, 'done done done done held waiting waiting'],
    [
      'released and read again',
      { state: 'loading', started_at: STARTED, job_step: 'reading', report: REPORT },
      'done done done running waiting waiting waiting',
    ],
    [
      'loaded without services for signals',
      { ...LOADED, quality_state: 'running' },
      'done done done done done skipped running',
    ],
    [
      'loaded and followed up',
      { ...LOADED, signals_state: 'failed', signals_at: FINISHED, quality_state: 'succeeded', quality_at: FINISHED },
      'done done done done done failed done',
    ],
    ['loaded long ago', { ...LOADED, series_findings: [] }, 'done done done done done skipped done'],
  ])('%s', (_, change, states) => {
    expect(statesOf(change)).toBe(states);
  });

  it('end when they end', () => {
    const steps = ingestSteps(upload({ ...LOADED, quality_state: 'succeeded', quality_at: FINISHED }));
    expect(steps.map(({ finishedAt }) => finishedAt?.toISOString().slice(14, 19) ?? null)).toEqual([
      '00:00',
      '00:00',
      '00:05',
      '00:40',
      '01:00',
      null,
      '01:00',
    ]);
  });
});

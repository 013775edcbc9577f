import type { EntityManager } from 'typeorm';
import type { JobState } from '../platform/queue/index.ts';
import type { QualityReport } from './import/report.ts';
import type { Finding } from './quality/findings.ts';

export type UploadState = 'queued' | 'loading' | 'loaded' | 'held' | 'failed' | 'cancelled';

/** An uploaded sales file. */
export interface Upload {
  readonly id: string;
  readonly filename: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly object_key: string;
  readonly state: UploadState;
  readonly job_id: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly report: QualityReport | null;
  /** What the series around its rows show; null until they have been looked at. */
  readonly series_findings: readonly Finding[] | null;
  readonly rejected_key: string | null;
  readonly created_by: string | null;
  readonly released_at: Date | null;
  readonly created_at: Date;
  /** `created_at` in microseconds since 1970, for cursors: a JavaScript date is too coarse to tell neighbours apart. */
  readonly created_us: number;
  readonly finished_at: Date | null;
  /** When a worker first began to load it, and what its job was last doing. */
  readonly started_at: Date | null;
  readonly job_step: string | null;
  /** The jobs that follow from its load, and when they ended; null where there are none. */
  readonly signals_state: JobState | null;
  readonly signals_at: Date | null;
  readonly quality_state: JobState | null;
  readonly quality_at: Date | null;
}

/** An unfinished upload whose job has ended without it (cancelled in the queue, out of attempts) has ended as the job did. */
const SELECT = `
  SELECT u.id, u.filename, u.bytes, u.sha256, u.object_key, u.job_id, u.report, u.series_findings, u.rejected_key, u.created_by,
    u.released_at, u.created_at, (extract(epoch FROM u.created_at) * 1000000)::bigint AS created_us, j.error,
    CASE WHEN u.state IN ('queued', 'loading') AND j.state IN ('failed', 'cancelled') THEN j.state ELSE u.state END AS state,
    coalesce(u.finished_at, j.finished_at) AS finished_at, j.started_at, j.step AS job_step,
    s.state AS signals_state, s.finished_at AS signals_at, q.state AS quality_state, q.finished_at AS quality_at
  FROM uploads u LEFT JOIN jobs j ON j.id = u.job_id
    LEFT JOIN jobs s ON s.id = u.signals_job_id LEFT JOIN jobs q ON q.id = u.quality_job_id`;

/** One upload; null if there is none, or it is not one of `createdBy`'s where that is given. */
export async function findUpload(manager: EntityManager, id: string, createdBy: string | null): Promise<Upload | null> {
  const rows: Upload[] = await manager.query(`${SELECT} WHERE u.id = $1 AND ($2::uuid IS NULL OR u.created_by = $2)`, [
    id,
    createdBy,
  ]);
  return rows[0] ?? null;
}

/** The upload of this content that is loaded, held or on its way. */
export async function findByContent(manager: EntityManager, sha256: string): Promise<Upload | null> {
  const rows: Upload[] = await manager.query(
    `${SELECT} WHERE u.sha256 = $1 AND u.state NOT IN ('failed', 'cancelled')`,
    [sha256],
  );
  return rows[0] ?? null;
}

/** Newest first, after the given one. */
export function listUploads(
  manager: EntityManager,
  page: { createdBy: string | null; after: readonly [createdUs: number, id: string] | null; limit: number },
): Promise<Upload[]> {
  return manager.query(
    `${SELECT} WHERE ($1::uuid IS NULL OR u.created_by = $1)
       AND ($2::bigint IS NULL OR (u.created_at, u.id) < (to_timestamp(0) + $2 * interval '1 microsecond', $3::uuid))
     ORDER BY u.created_at DESC, u.id DESC LIMIT $4`,
    [page.createdBy, page.after?.[0] ?? null, page.after?.[1] ?? null, page.limit],
  );
}

/** Lets go of content whose upload failed outside the import, so that it may come again. */
export async function settleAbandoned(manager: EntityManager, sha256: string): Promise<void> {
  await manager.query(
    `UPDATE uploads u SET state = j.state, finished_at = j.finished_at FROM jobs j
     WHERE j.id = u.job_id AND u.sha256 = $1 AND u.state IN ('queued', 'loading') AND j.state IN ('failed', 'cancelled')`,
    [sha256],
  );
}

/** Adds an upload; null if its content is there already. Waits for another transaction that adds the same. */
export async function insertUpload(
  manager: EntityManager,
  upload: Pick<Upload, 'filename' | 'bytes' | 'sha256' | 'object_key' | 'created_by'>,
): Promise<string | null> {
  const rows: { id: string }[] = await manager.query(
    `INSERT INTO uploads (filename, bytes, sha256, object_key, created_by) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (sha256) WHERE state NOT IN ('failed', 'cancelled') DO NOTHING RETURNING id`,
    [upload.filename, upload.bytes, upload.sha256, upload.object_key, upload.created_by],
  );
  return rows[0]?.id ?? null;
}

/** Names the job that loads an upload. */
export async function setJob(manager: EntityManager, id: string, jobId: string): Promise<void> {
  await manager.query(`UPDATE uploads SET job_id = $2 WHERE id = $1`, [id, jobId]);
}

/** Names the jobs that follow from the load of an upload. */
export async function setFollowers(
  manager: EntityManager,
  id: string,
  jobs: { readonly signals: string | null; readonly quality: string },
): Promise<void> {
  await manager.query(`UPDATE uploads SET signals_job_id = $2, quality_job_id = $3 WHERE id = $1`, [
    id,
    jobs.signals,
    jobs.quality,
  ]);
}

/** Moves an upload that is still unfinished to a state. */
export async function setState(manager: EntityManager, id: string, state: UploadState): Promise<void> {
  await manager.query(
    `UPDATE uploads SET state = $2, finished_at = CASE WHEN $2 IN ('failed', 'cancelled') THEN now() END
     WHERE id = $1 AND state IN ('queued', 'loading')`,
    [id, state],
  );
}

/** Takes a held upload out of its hold; false if it is not held. */
export async function markReleased(manager: EntityManager, id: string, by: string): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `UPDATE uploads SET state = 'queued', released_by = $2, released_at = now(), finished_at = NULL
     WHERE id = $1 AND state = 'held'`,
    [id, by],
  );
  return count === 1;
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '../platform/audit/index.ts';
import { AppError, ConflictError, ForbiddenError, InvalidRequestError, NotFoundError } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { ObjectStore } from '../platform/objectstore/index.ts';
import type { StoredObject } from '../platform/objectstore/index.ts';
import { JobsService } from '../platform/queue/index.ts';
import type { Job } from '../platform/queue/index.ts';
import { cleanName } from './clean-name.ts';
import { assertReadableKind, isGzip, SNIFF_BYTES } from './csv/file-kind.ts';
import {
  findByContent,
  findUpload,
  insertUpload,
  listUploads,
  markReleased,
  setJob,
  settleAbandoned,
} from './uploads.store.ts';
import type { Upload } from './uploads.store.ts';

/** One part of a multipart body, as it arrives. */
export type UploadPart =
  | { readonly type: 'field'; readonly fieldname: string }
  | { readonly type: 'file'; readonly fieldname: string; readonly filename: string; readonly file: Readable };

/** Payload of a `sales-import` job. */
export interface ImportPayload extends Record<string, unknown> {
  readonly upload_id: string;
  /** Whether an administrator accepted the share of bad rows. */
  readonly accept_bad: boolean;
}

/** What is added to the transaction that registers an upload. */
export type RegisteringWork = (manager: EntityManager, upload: RegisteredUpload) => Promise<void>;

/** A file in the object store that is to become an upload. */
export type StoredFile = StoredObject & { readonly filename: string };

/** What becomes an upload: a new one, or one that has the same content. */
export interface RegisteredUpload {
  readonly uploadId: string;
  readonly job: Pick<Job, 'id'>;
  /** Whether the content was there before. */
  readonly joined: boolean;
}

/** Takes sales files in, once per content, and answers how they fared. */
@Injectable()
export class UploadsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly objects: ObjectStore,
    private readonly jobs: JobsService,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Stores the one file of a multipart body and starts its import; content that is known already answers its job.
   * @throws AppError 400 without exactly one file in the field `file`, 413 and 415 for files that are too large or no text
   */
  async accept(parts: AsyncIterable<UploadPart>, caller: Principal): Promise<Pick<Job, 'id'>> {
    if (caller.locationIds.length)
      throw new ForbiddenError('A sales file may name any location; you are limited to some');
    let stored: StoredFile | null = null;
    try {
      for await (const part of wellFormed(parts)) {
        if (part.type !== 'file' || part.fieldname !== 'file') {
          if (part.type === 'file') part.file.resume();
          throw new InvalidRequestError(
            part.fieldname.slice(0, 100),
            'is not expected; send one file in the field "file"',
          );
        }
        stored = await this.store(part.filename, part.file, bodyError);
      }
      if (!stored) throw new InvalidRequestError('file', 'is missing; send one file in the multipart field "file"');
      if (stored.bytes === 0)
        throw new AppError(400, 'FILE_EMPTY', 'file: is empty', [{ field: 'file', message: 'is empty' }]);
      const { filename, bytes, sha256 } = stored;
      const within: RegisteringWork = (manager, { uploadId, joined }) => {
        const entry = { actor: caller.email, action: 'upload.received', entity: 'upload', entityId: uploadId };
        return this.audit.record({ ...entry, after: { filename, bytes, sha256, joined } }, manager);
      };
      return (await this.register(stored, { createdBy: caller.userId, within })).job;
    } catch (error) {
      if (stored) await this.discard(stored);
      throw error;
    }
  }

  async list(caller: Principal, after: readonly [number, string] | null, limit: number): Promise<Upload[]> {
    return listUploads(this.dataSource.manager, { createdBy: this.ownOnly(caller), after, limit });
  }

  /** @throws NotFoundError */
  async get(id: string, caller: Principal): Promise<Upload> {
    const upload = await findUpload(this.dataSource.manager, id, this.ownOnly(caller));
    if (!upload) throw new NotFoundError('Upload');
    return upload;
  }

  /** The CSV of rows that were not loaded. @throws NotFoundError when there are none */
  async rejected(id: string, caller: Principal): Promise<Readable> {
    const { rejected_key: key } = await this.get(id, caller);
    if (!key) throw new NotFoundError('Rejected rows');
    return this.objects.get(key);
  }

  /**
   * Loads a held upload in spite of its bad rows; asked again, answers the same job.
   * @throws NotFoundError; ConflictError when it is not held
   */
  async release(id: string, caller: Principal): Promise<Pick<Job, 'id'>> {
    const job = await this.dataSource.transaction(async (manager) => {
      if (!(await markReleased(manager, id, caller.userId))) return null;
      const payload: ImportPayload = { upload_id: id, accept_bad: true };
      const created = await this.jobs.create(manager, {
        kind: 'sales-import',
        payload,
        dedupeKey: `sales-import:${id}:released`,
        createdBy: caller.userId,
      });
      await setJob(manager, id, created.id);
      const entry = { actor: caller.email, action: 'upload.released', entity: 'upload', entityId: id };
      await this.audit.record({ ...entry, before: { state: 'held' }, after: { state: 'queued' } }, manager);
      return created;
    });
    if (job) {
      await this.jobs.wake(job);
      return job;
    }
    const upload = await this.get(id, caller);
    if (!upload.released_at) throw new ConflictError(`The upload is ${upload.state}, not held`);
    return { id: upload.job_id };
  }

  /**
   * Streams a file into the object store, where it will never be written over; what cannot be read is refused by its first
   * bytes.
   * @param meaningOf what an error of the stream means
   * @throws UnreadableFileError; AppError 507 where there is no room
   */
  async store(filename: string, file: Readable, meaningOf = (error: Error): Error => error): Promise<StoredFile> {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    let head: Buffer = Buffer.alloc(0);
    const check = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (head.length < SNIFF_BYTES) {
          head = Buffer.concat([head, chunk.subarray(0, SNIFF_BYTES)]);
          try {
            if (!isGzip(head)) assertReadableKind(head);
          } catch (error) {
            return done(error as Error);
          }
        }
        done(null, chunk);
      },
    });
    file.once('error', (error) => check.destroy(meaningOf(error)));
    check.once('error', () => file.resume());
    try {
      const stored = await this.objects.put(`raw/sales/${day}/${randomUUID()}`, file.pipe(check), { onlyNew: true });
      return { ...stored, filename: cleanName(filename) };
    } catch (failure) {
      // The store may have come too late to hear more than that the stream is gone.
      const error = check.errored ?? failure;
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new AppError(507, 'STORAGE_FULL', 'There is no room left to store the file');
      throw error;
    }
  }

  /** Lets go of a stored file that becomes no upload. */
  discard({ key }: StoredFile): Promise<void> {
    return this.objects.delete(key);
  }

  /**
   * Writes the upload and its job in one transaction, or joins the upload that has the same content and lets go of the file.
   * @param within added to the transaction that enters the upload or finds that it is there
   */
  async register(
    stored: StoredFile,
    { createdBy, within }: { createdBy: string | null; within?: RegisteringWork },
  ): Promise<RegisteredUpload> {
    for (;;) {
      const done = await this.dataSource.transaction(async (manager) => {
        const found = (await this.enter(manager, stored, createdBy)) ?? (await joinUpload(manager, stored.sha256));
        if (found) await within?.(manager, found);
        return found;
      });
      // Between the refusal and the look-up the other upload may have failed: then there is room for this one.
      if (!done) continue;
      if (done.joined) await this.discard(stored);
      else await this.jobs.wake(done.job);
      return done;
    }
  }

  private async enter(manager: EntityManager, stored: StoredFile, createdBy: string | null) {
    await settleAbandoned(manager, stored.sha256);
    const { filename, bytes, sha256, key } = stored;
    const id = await insertUpload(manager, { filename, bytes, sha256, object_key: key, created_by: createdBy });
    if (!id) return null;
    const payload: ImportPayload = { upload_id: id, accept_bad: false };
    const creator = createdBy === null ? {} : { createdBy };
    const job = await this.jobs.create(manager, { kind: 'sales-import', payload, ...creator });
    await setJob(manager, id, job.id);
    return { uploadId: id, job, joined: false as const };
  }

  /** Callers limited to some places see what they uploaded themselves. */
  private ownOnly(caller: Principal): string | null {
    return caller.locationIds.length ? caller.userId : null;
  }
}

async function joinUpload(manager: EntityManager, sha256: string) {
  const existing = await findByContent(manager, sha256);
  return existing && { uploadId: existing.id, job: { id: existing.job_id }, joined: true as const };
}

/** Passes parts on; a body that is no multipart after all is the client's fault and not ours. */
async function* wellFormed(parts: AsyncIterable<UploadPart>): AsyncGenerator<UploadPart> {
  const iterator = parts[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await iterator.next().catch((error: Error) => {
      throw bodyError(error);
    });
    if (done) return;
    yield value;
  }
}

/** The parser's own refusals carry a status; its complaints about broken or cut bodies do not. */
function bodyError(error: Error & { statusCode?: number }): Error {
  if (error.statusCode && error.statusCode < 500) return error;
  return new AppError(400, 'MULTIPART_MALFORMED', 'The multipart body is malformed or ends too early');
}

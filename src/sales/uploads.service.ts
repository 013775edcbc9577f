import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { DataSource } from 'typeorm';
import { AppError, ConflictError, ForbiddenError, InvalidRequestError, NotFoundError } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { ObjectStore } from '../platform/objectstore/index.ts';
import type { StoredObject } from '../platform/objectstore/index.ts';
import { JobsService } from '../platform/queue/index.ts';
import type { Job } from '../platform/queue/index.ts';
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

const MAX_NAME = 200;

/** Takes sales files in, once per content, and answers how they fared. */
@Injectable()
export class UploadsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly objects: ObjectStore,
    private readonly jobs: JobsService,
  ) {}

  /**
   * Stores the one file of a multipart body and starts its import; content that is known already answers its job.
   * @throws AppError 400 without exactly one file in the field `file`, 413 and 415 for files that are too large or no text
   */
  async accept(parts: AsyncIterable<UploadPart>, caller: Principal): Promise<Pick<Job, 'id'>> {
    if (caller.locationIds.length)
      throw new ForbiddenError('A sales file may name any location; you are limited to some');
    let stored: (StoredObject & { filename: string }) | null = null;
    try {
      for await (const part of wellFormed(parts)) {
        if (part.type !== 'file' || part.fieldname !== 'file') {
          if (part.type === 'file') part.file.resume();
          throw new InvalidRequestError(
            part.fieldname.slice(0, 100),
            'is not expected; send one file in the field "file"',
          );
        }
        stored = await this.store(part.filename, part.file);
      }
      if (!stored) throw new InvalidRequestError('file', 'is missing; send one file in the multipart field "file"');
      if (stored.bytes === 0)
        throw new AppError(400, 'FILE_EMPTY', 'file: is empty', [{ field: 'file', message: 'is empty' }]);
      return await this.register(stored, caller);
    } catch (error) {
      if (stored) await this.objects.delete(stored.key);
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

  /** Streams a file into the object store; what cannot be text is refused by its first bytes. */
  private async store(filename: string, file: Readable): Promise<StoredObject & { filename: string }> {
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
    file.once('error', (error) => check.destroy(bodyError(error)));
    check.once('error', () => file.resume());
    try {
      const stored = await this.objects.put(`raw/sales/${day}/${randomUUID()}`, file.pipe(check));
      return { ...stored, filename: cleanName(filename) };
    } catch (failure) {
      // The store may have come too late to hear more than that the stream is gone.
      const error = check.errored ?? failure;
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new AppError(507, 'STORAGE_FULL', 'There is no room left to store the file');
      throw error;
    }
  }

  /** Writes the upload and its job in one transaction, or joins the upload that has the same content. */
  private async register(stored: StoredObject & { filename: string }, caller: Principal): Promise<Pick<Job, 'id'>> {
    for (;;) {
      const job = await this.dataSource.transaction(async (manager) => {
        await settleAbandoned(manager, stored.sha256);
        const { filename, bytes, sha256, key } = stored;
        const id = await insertUpload(manager, { filename, bytes, sha256, object_key: key, created_by: caller.userId });
        if (!id) return null;
        const payload: ImportPayload = { upload_id: id, accept_bad: false };
        const created = await this.jobs.create(manager, { kind: 'sales-import', payload, createdBy: caller.userId });
        await setJob(manager, id, created.id);
        return created;
      });
      if (job) {
        await this.jobs.wake(job);
        return job;
      }
      const existing = await findByContent(this.dataSource.manager, stored.sha256);
      // Between the refusal and the look-up the other upload may have failed: then there is room for this one.
      if (!existing) continue;
      await this.objects.delete(stored.key);
      return { id: existing.job_id };
    }
  }

  /** Callers limited to some places see what they uploaded themselves. */
  private ownOnly(caller: Principal): string | null {
    return caller.locationIds.length ? caller.userId : null;
  }
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

/** A name for people: no folders, no control characters, no direction marks. */
function cleanName(filename: string): string {
  const name = filename.split(/[/\\]/).at(-1) ?? '';
  return name.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').slice(0, MAX_NAME) || 'upload';
}

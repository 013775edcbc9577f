import type { _Object as Listing, GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { LakeBucket } from '../config/index.ts';
import { ConflictError, NotFoundError } from '../http/index.ts';
import { folderPlaceOf, placeOf } from './lake-place.ts';
import { ListedObject, ObjectStore, PutOptions, StoredObject } from './object-store.ts';
import { OpenedBody, resumingRead } from './resuming-read.ts';
import { StoreBreaker, StoreRest, wasLeftAlone } from './store-breaker.ts';
import { StoreAwayError } from './store-errors.ts';

/** The client library, loaded only where there is a bucket. */
interface Sdk {
  readonly s3: typeof import('@aws-sdk/client-s3');
  readonly upload: typeof import('@aws-sdk/lib-storage').Upload;
}

/** How long the server may take; in milliseconds. */
export interface S3Patience {
  readonly connectMs: number;
  /** For the answer to one request, the sending of a part included. */
  readonly answerMs: number;
  /** Silence on a connection. */
  readonly silenceMs: number;
  /** Tries of each request, with growing pauses. */
  readonly tries: number;
}

const PATIENCE: S3Patience = { connectMs: 5_000, answerMs: 60_000, silenceMs: 30_000, tries: 4 };
/** Larger objects are sent in parts of this size; 10 000 may be sent, and two are held in memory. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** What the sessions of an assumed role are called, in the trails of who did what. */
const SESSION = 'shelfcast';
/** What the server lists, and deletes, at a time. */
const PAGE_KEYS = 1000;

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number };
}

/**
 * Object store in a bucket of S3 or a server that speaks its protocol, or in one bucket for each zone. Credentials come from
 * where the SDK looks for them: environment, profile, role of the machine; they may be those of a process that can do no more
 * than assume the role that is used here. Every part is sent with its SHA-256, which the server checks and keeps.
 */
export class S3ObjectStore extends ObjectStore {
  readonly foreignObjectsAppearWhole = true;
  private readonly logger = new Logger(S3ObjectStore.name);

  private constructor(
    private readonly sdk: Sdk,
    private readonly client: S3Client,
    private readonly lake: LakeBucket,
  ) {
    super();
  }

  /**
   * Makes the client; nothing is sent yet.
   * @param rest when the store is left alone; by default never, since a job has nothing better to do than to wait
   */
  static async connect(lake: LakeBucket, patience: S3Patience = PATIENCE, rest?: StoreRest): Promise<S3ObjectStore> {
    const [s3, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
    const client = new s3.S3Client({
      ...(lake.roleArn && { credentials: await credentialsOf(lake.roleArn) }),
      ...(lake.region && { region: lake.region }),
      ...(lake.endpoint && { endpoint: lake.endpoint }),
      forcePathStyle: lake.pathStyle,
      // Ours are sent with every part; the SDK's own would be signed into addresses, for a content it does not know.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      maxAttempts: patience.tries,
      requestHandler: {
        connectionTimeout: patience.connectMs,
        requestTimeout: patience.answerMs,
        throwOnRequestTimeout: true,
        socketTimeout: patience.silenceMs,
      },
    });
    if (rest) leaveAlone(client, new StoreBreaker(rest));
    return new S3ObjectStore({ s3, upload: Upload }, client, lake);
  }

  async put(key: string, content: Readable, { onlyNew = false }: PutOptions = {}): Promise<StoredObject> {
    const hash = createHash('sha256');
    let bytes = 0;
    let sourceFailure: unknown;
    const measured = async function* (): AsyncGenerator<Buffer> {
      try {
        for await (const chunk of content as AsyncIterable<Buffer>) {
          hash.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      } catch (error) {
        sourceFailure = error;
        throw error;
      }
    };
    const upload = new this.sdk.upload({
      client: this.client,
      params: {
        ...this.at(key),
        Body: Readable.from(measured(), { objectMode: false }),
        ChecksumAlgorithm: 'SHA256',
        ...(onlyNew && { IfNoneMatch: '*' }),
        ...(this.lake.kmsKeyId && { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: this.lake.kmsKeyId }),
      },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    try {
      const { ETag } = await upload.done();
      return { key, bytes, sha256: hash.digest('hex'), tag: ETag ?? '' };
    } catch (error) {
      content.destroy();
      throw sourceFailure ?? this.meaningOf(error as SdkError, 'put', key);
    }
  }

  async putUrl(key: string, seconds: number): Promise<string> {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
    const command = new this.sdk.s3.PutObjectCommand(this.at(key));
    try {
      // An address lives no longer than the credentials that signed it, and those held may be about to expire.
      const { credentials } = this.client.config;
      const { expiration } = await credentials();
      if (expiration && expiration.getTime() < Date.now() + seconds * 1000) await credentials({ forceRefresh: true });
      return await getSignedUrl(this.client, command, { expiresIn: seconds });
    } catch (error) {
      throw this.meaningOf(error as SdkError, 'sign', key);
    }
  }

  async get(key: string, start = 0): Promise<Readable> {
    const { opened, tag } = await this.open(key, start);
    return resumingRead(opened, start, async (from) => (await this.open(key, from, tag)).opened);
  }

  async stat(key: string): Promise<ListedObject | null> {
    try {
      const found = await this.client.send(new this.sdk.s3.HeadObjectCommand(this.at(key)));
      const { ContentLength: bytes = 0, ETag: tag = '', LastModified: modifiedAt = new Date(0) } = found;
      return { key, bytes, tag, modifiedAt };
    } catch (error) {
      const meaning = this.meaningOf(error as SdkError, 'look at', key);
      if (meaning instanceof NotFoundError) return null;
      throw meaning;
    }
  }

  async *list(folder: string): AsyncGenerator<ListedObject> {
    const { keyOf } = folderPlaceOf(this.lake, folder);
    for await (const page of this.pages(folder))
      for (const { Key = '', Size = 0, ETag = '', LastModified = new Date(0) } of page)
        // Consoles show an empty folder by an object of its name.
        if (!Key.endsWith('/')) yield { key: keyOf(Key), bytes: Size, tag: ETag, modifiedAt: LastModified };
  }

  async delete(key: string): Promise<void> {
    await this.client.send(new this.sdk.s3.DeleteObjectCommand(this.at(key))).catch((error: SdkError) => {
      throw this.meaningOf(error, 'delete', key);
    });
  }

  async deleteFolder(folder: string): Promise<void> {
    const { bucket: Bucket } = folderPlaceOf(this.lake, folder);
    for await (const page of this.pages(folder)) {
      const Objects = page.map(({ Key }) => ({ Key }));
      const command = new this.sdk.s3.DeleteObjectsCommand({
        Bucket,
        Delete: { Objects, Quiet: true },
      });
      const { Errors: [refused] = [] } = await this.client.send(command).catch((error: SdkError) => {
        throw this.meaningOf(error, 'delete', folder);
      });
      if (refused) throw this.meaningOf(Object.assign(new Error(), { name: refused.Code ?? '' }), 'delete', folder);
    }
  }

  private async *pages(folder: string): AsyncGenerator<Listing[]> {
    const { bucket: Bucket, name: Prefix } = folderPlaceOf(this.lake, folder);
    let ContinuationToken: string | undefined;
    do {
      const command = new this.sdk.s3.ListObjectsV2Command({ Bucket, Prefix, MaxKeys: PAGE_KEYS, ContinuationToken });
      const page = await this.client.send(command).catch((error: SdkError) => {
        throw this.meaningOf(error, 'list', folder);
      });
      if (page.Contents?.length) yield page.Contents;
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken);
  }

  /** Opens an object from a byte on. @param tag the content it must still have */
  private async open(key: string, from: number, tag?: string): Promise<{ opened: OpenedBody; tag?: string }> {
    let found: GetObjectCommandOutput;
    try {
      found = await this.client.send(
        new this.sdk.s3.GetObjectCommand({
          ...this.at(key),
          ...(from > 0 && { Range: `bytes=${from}-` }),
          ...(tag && { IfMatch: tag }),
        }),
      );
    } catch (error) {
      // Behind the last byte there is nothing to read.
      if ((error as SdkError).name === 'InvalidRange') return { opened: { body: Readable.from([]), bytes: from }, tag };
      throw this.meaningOf(error as SdkError, 'get', key);
    }
    const opened = { body: found.Body as Readable, bytes: from + (found.ContentLength ?? 0) };
    return { opened, tag: found.ETag };
  }

  private at(key: string): { readonly Bucket: string; readonly Key: string } {
    const { bucket: Bucket, name: Key } = placeOf(this.lake, key);
    return { Bucket, Key };
  }

  /** What an error of the SDK means to us. Of the error itself, which may repeat what was signed, little is logged. */
  private meaningOf(error: SdkError, verb: string, key: string): Error {
    if (wasLeftAlone(error)) return new StoreAwayError();
    const { httpStatusCode: status, requestId, attempts } = error.$metadata ?? {};
    if (error.name === 'NoSuchKey' || error.name === 'NotFound') return new NotFoundError('Object');
    if (error.name === 'PreconditionFailed' || error.name === 'ConditionalRequestConflict')
      return new ConflictError(`The object ${key} is there already, or has changed`);
    const code = (error as NodeJS.ErrnoException).code ?? error.name;
    this.logger.error({ message: `Could not ${verb} ${key}: ${code}`, code, status, request_id: requestId, attempts });
    return new StoreAwayError();
  }
}

/** Has all that a client sends, parts of uploads included, go through a breaker. Signing an address sends nothing. */
function leaveAlone(client: S3Client, breaker: StoreBreaker): void {
  const send = client.send.bind(client) as (...parameters: unknown[]) => Promise<unknown>;
  Object.assign(client, { send: (...parameters: unknown[]) => breaker.run(() => send(...parameters)) });
}

/** Temporary credentials of a role, which the client has renewed before they expire. */
async function credentialsOf(roleArn: string) {
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  return fromTemporaryCredentials({ params: { RoleArn: roleArn, RoleSessionName: SESSION } });
}

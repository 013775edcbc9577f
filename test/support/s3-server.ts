import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a test may have the server do to a request instead of answering it. */
export type Mischief =
  | { readonly status: number; readonly code: string }
  /** Cuts the connection before an answer. */
  | 'cut'
  /** Answers a read and cuts it after some bytes of its content. */
  | { readonly cutAfter: number }
  /** Waits before it answers. */
  | { readonly delayMs: number };

/** An object as the server keeps it. */
export interface KeptObject {
  readonly content: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly modified: Date;
}

/** A server that speaks the part of S3 that an object store needs, with one or more buckets, in memory. */
export interface S3Server {
  /** Address for `LAKE_ENDPOINT`. */
  readonly url: string;
  readonly port: number;
  /** What the first bucket holds. */
  readonly objects: Map<string, KeptObject>;
  /** What each bucket holds. */
  readonly buckets: ReadonlyMap<string, Map<string, KeptObject>>;
  /** Multipart uploads that were begun and neither completed nor aborted. */
  readonly uploads: Map<string, Map<number, Buffer>>;
  /** `operation bucket/key` of every request so far. */
  readonly requests: string[];
  /** Who signed each of them. */
  readonly signers: Signer[];
  /** Asked about every request; undefined = answer it. */
  mischief: (operation: string, key: string) => Mischief | undefined;
  /** Most keys on a page of a list. */
  pageKeys: number;
  stop(): Promise<void>;
}

export const BUCKET = 'lake';

/** Whose credentials a request was signed with. */
export interface Signer {
  readonly keyId: string;
  /** Comes with temporary credentials, and is signed itself. */
  readonly token: string | null;
}

// Written without parameter properties: Node runs this file as it is, where it stands for the store of docker-compose.yml.
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** Where the server listens and whom it answers. */
export interface S3Address {
  readonly host?: string;
  readonly port?: number;
  /** The one access key that is let in; without it any is. */
  readonly keyId?: string;
}

interface Call {
  readonly operation: string;
  readonly bucket: string;
  readonly objects: Map<string, KeptObject>;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const md5 = (content: Buffer): string => createHash('md5').update(content).digest('hex');
const sha256 = (content: Buffer, encoding: 'hex' | 'base64') => createHash('sha256').update(content).digest(encoding);
const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const tags = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) =>
    text
      .replace(/&quot;/g, '"')
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&'),
  );

/** Starts the server, on a free port of this machine unless told. @param names of its buckets, one at least */
export async function startS3Server(names: readonly string[] = [BUCKET], at: S3Address = {}): Promise<S3Server> {
  const buckets = new Map(names.map((name) => [name, new Map<string, KeptObject>()]));
  const state = {
    buckets,
    objects: buckets.get(names[0]) as Map<string, KeptObject>,
    signers: [] as Signer[],
    uploads: new Map<string, Map<number, Buffer>>(),
    requests: [] as string[],
    mischief: (() => undefined) as S3Server['mischief'],
    pageKeys: 1000,
    keyId: at.keyId,
  };
  const http = createServer((request, response) => {
    request.on('error', () => undefined);
    serve(state, request, response).catch((error: Error) => {
      if (response.destroyed) return;
      const [status, code] = error instanceof Refusal ? [error.status, error.code] : [500, 'InternalError'];
      const head = request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
      response.writeHead(status, { 'content-type': 'application/xml', connection: 'close' }).end(head);
    });
  });
  http.listen(at.port ?? 0, at.host ?? '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return Object.assign(state, {
    port,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  });
}

interface State extends Pick<S3Server, 'uploads' | 'requests' | 'signers' | 'mischief' | 'pageKeys'> {
  readonly buckets: Map<string, Map<string, KeptObject>>;
  readonly keyId?: string;
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://server');
  const [, bucket, ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const query = url.searchParams;
  const operation = operationOf(request.method ?? '', key, query);
  state.requests.push(`${operation} ${bucket}/${key}`);
  const signer = signerOf(request, query);
  state.signers.push(signer);
  const mischief = state.mischief(operation, key);
  if (mischief === 'cut') return void request.destroy();
  // A body that breaks off is an upload that never was.
  const body = await buffer(request).catch(() => {
    throw new Refusal(400, 'IncompleteBody');
  });
  if (typeof mischief === 'object' && 'status' in mischief) throw new Refusal(mischief.status, mischief.code);
  if (typeof mischief === 'object' && 'delayMs' in mischief)
    await new Promise((resolve) => setTimeout(resolve, mischief.delayMs));
  checkSignature(request, url, body);
  if (state.keyId !== undefined && signer.keyId !== state.keyId) throw new Refusal(403, 'InvalidAccessKeyId');
  if (operation === 'CreateBucket' && !state.buckets.has(bucket)) state.buckets.set(bucket, new Map());
  const objects = state.buckets.get(bucket);
  if (!objects) throw new Refusal(404, 'NoSuchBucket');
  const answer = answerTo(state, { operation, bucket, objects, key, query, headers: request.headers, body });
  response.writeHead(answer.status ?? 200, {
    'content-length': answer.length ?? answer.content?.length ?? 0,
    ...answer.headers,
  });
  const content = request.method === 'HEAD' ? undefined : answer.content;
  if (typeof mischief === 'object' && 'cutAfter' in mischief && content) {
    response.write(content.subarray(0, mischief.cutAfter), () => setTimeout(() => response.destroy(), 20));
    return;
  }
  response.end(content);
}

function operationOf(method: string, key: string, query: URLSearchParams): string {
  if (!key && method === 'PUT') return 'CreateBucket';
  if (!key && method === 'HEAD') return 'HeadBucket';
  if (method === 'POST' && query.has('uploads')) return 'CreateMultipartUpload';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (method === 'POST') return 'CompleteMultipartUpload';
  if (method === 'PUT') return query.has('partNumber') ? 'UploadPart' : 'PutObject';
  if (method === 'DELETE') return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
  if (method === 'HEAD') return 'HeadObject';
  return key ? 'GetObject' : 'ListObjectsV2';
}

function signerOf({ headers }: IncomingMessage, query: URLSearchParams): Signer {
  const [, keyId = ''] = /Credential=([^/,]+)\//.exec(headers.authorization ?? '') ?? [];
  const token = headers['x-amz-security-token']?.toString() ?? query.get('X-Amz-Security-Token');
  return { keyId: keyId || (query.get('X-Amz-Credential') ?? '').split('/')[0], token };
}

/** Header signatures and, for requests made by an address alone, signed queries that have not expired. */
function checkSignature(request: IncomingMessage, url: URL, body: Buffer): void {
  const { authorization = '', 'x-amz-content-sha256': hashed } = request.headers;
  if (url.searchParams.has('X-Amz-Signature')) {
    const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(url.searchParams.get('X-Amz-Date') ?? '') ?? [];
    const signed = Date.parse(`${date?.replace(/(..)(..)$/, '-$1-$2')}T${time?.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`);
    if (!(Date.now() < signed + 1000 * Number(url.searchParams.get('X-Amz-Expires'))))
      throw new Refusal(403, 'AccessDenied');
    return;
  }
  if (
    !/^AWS4-HMAC-SHA256 Credential=\S+\/s3\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/.test(
      authorization,
    )
  )
    throw new Refusal(403, 'AccessDenied');
  if (hashed !== 'UNSIGNED-PAYLOAD' && hashed !== sha256(body, 'hex'))
    throw new Refusal(400, 'XAmzContentSHA256Mismatch');
  const { 'x-amz-checksum-sha256': checksum, 'content-encoding': encoding = '' } = request.headers;
  if (encoding.includes('aws-chunked')) throw new Refusal(501, 'NotImplemented');
  if (checksum !== undefined && checksum !== sha256(body, 'base64')) throw new Refusal(400, 'BadDigest');
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly content?: Buffer;
  /** Where it is not that of the content. */
  readonly length?: number;
}

const xml = (text: string): Answer => ({
  headers: { 'content-type': 'application/xml' },
  content: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`),
});

function answerTo(state: State, call: Call): Answer {
  const { uploads } = state;
  const { operation, bucket, objects, key, query, headers, body } = call;
  switch (operation) {
    case 'CreateBucket':
    case 'HeadBucket':
      return {};
    case 'PutObject': {
      refuseTaken(call);
      if (headers['x-amz-checksum-sha256'] === undefined && !query.has('X-Amz-Signature'))
        throw new Refusal(400, 'MissingChecksum');
      return { headers: { etag: keep(call, body, md5(body)) } };
    }
    case 'GetObject':
    case 'HeadObject':
      return read(call);
    case 'DeleteObject':
      objects.delete(key);
      return { status: 204 };
    case 'DeleteObjects': {
      const keys = tags(body.toString(), 'Key');
      if (keys.length > 1000) throw new Refusal(400, 'MalformedXML');
      for (const name of keys) objects.delete(name);
      return xml('<DeleteResult></DeleteResult>');
    }
    case 'ListObjectsV2':
      return list(state, call);
    case 'CreateMultipartUpload': {
      const id = randomUUID();
      uploads.set(id, new Map());
      return xml(
        `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    case 'UploadPart': {
      partsOf(state, call).set(Number(query.get('partNumber')), body);
      return { headers: { etag: `"${md5(body)}"`, 'x-amz-checksum-sha256': sha256(body, 'base64') } };
    }
    case 'AbortMultipartUpload':
      partsOf(state, call);
      uploads.delete(query.get('uploadId') as string);
      return { status: 204 };
    default:
      return complete(state, call);
  }
}

function partsOf({ uploads }: State, { query }: Call): Map<number, Buffer> {
  const parts = uploads.get(query.get('uploadId') ?? '');
  if (!parts) throw new Refusal(404, 'NoSuchUpload');
  return parts;
}

function refuseTaken({ objects, key, headers }: Call): void {
  if (headers['if-none-match'] === '*' && objects.has(key)) throw new Refusal(412, 'PreconditionFailed');
}

function keep({ objects, key, headers }: Call, content: Buffer, hash: string): string {
  const etag = `"${hash}"`;
  const kept = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-'));
  objects.set(key, { content, etag, headers: Object.fromEntries(kept) as KeptObject['headers'], modified: new Date() });
  return etag;
}

function complete(state: State, call: Call): Answer {
  const parts = partsOf(state, call);
  refuseTaken(call);
  const numbers = tags(call.body.toString(), 'PartNumber').map(Number);
  const etags = tags(call.body.toString(), 'ETag');
  const contents = numbers.map((number, i) => {
    const part = parts.get(number);
    if (!part || etags[i] !== `"${md5(part)}"`) throw new Refusal(400, 'InvalidPart');
    if (i < numbers.length - 1 && part.length < 5 * 1024 * 1024) throw new Refusal(400, 'EntityTooSmall');
    return part;
  });
  const whole = Buffer.concat(contents);
  const etag = keep(
    call,
    whole,
    `${md5(Buffer.concat(contents.map((part) => Buffer.from(md5(part), 'hex'))))}-${numbers.length}`,
  );
  state.uploads.delete(call.query.get('uploadId') as string);
  return xml(
    `<CompleteMultipartUploadResult><Bucket>${call.bucket}</Bucket><Key>${escaped(call.key)}</Key><ETag>${escaped(etag)}</ETag></CompleteMultipartUploadResult>`,
  );
}

function read({ objects, operation, key, headers }: Call): Answer {
  const object = objects.get(key);
  if (!object) throw new Refusal(404, operation === 'HeadObject' ? 'NotFound' : 'NoSuchKey');
  if (headers['if-match'] !== undefined && headers['if-match'] !== object.etag)
    throw new Refusal(412, 'PreconditionFailed');
  const about = { etag: object.etag, 'last-modified': object.modified.toUTCString(), 'accept-ranges': 'bytes' };
  const size = object.content.length;
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  if (from === undefined) return { headers: about, content: object.content, length: size };
  if (Number(from) >= size) throw new Refusal(416, 'InvalidRange');
  return {
    status: 206,
    headers: { ...about, 'content-range': `bytes ${from}-${size - 1}/${size}` },
    content: object.content.subarray(Number(from)),
  };
}

function list({ pageKeys }: State, { bucket, objects, query }: Call): Answer {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const most = Math.min(pageKeys, Number(query.get('max-keys') ?? 1000));
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, most);
  const contents = page.map((key) => {
    const { content, etag, modified } = objects.get(key) as KeptObject;
    return `<Contents><Key>${escaped(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${escaped(etag)}</ETag><Size>${content.length}</Size></Contents>`;
  });
  const more = keys.length > most;
  const next = more ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : '';
  return xml(
    `<ListBucketResult><Name>${bucket}</Name><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
  );
}

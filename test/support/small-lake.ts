import { Readable } from 'node:stream';
import type { ListedObject, S3Patience } from '../../src/platform/objectstore/index.ts';
import { BUCKET, S3Server } from './s3-server.ts';

export const MEGABYTE = 1 << 20;
export const PATIENCE: S3Patience = { connectMs: 5_000, answerMs: 20_000, silenceMs: 20_000, tries: 4 };
/** Folders that have buckets `lake-<zone>`; what else there is lies in `lake-work`. */
export const ZONES = new Map([
  ['raw', 'raw'],
  ['tree', 'wood'],
]);

/** Settings of a store in the server's first bucket, below `shop/`. */
export function bucketAt({ url }: S3Server, kmsKeyId: string | null = null) {
  return {
    bucket: BUCKET,
    zones: new Map<string, string>(),
    prefix: 'shop/',
    endpoint: url,
    pathStyle: true,
    region: 'us-east-1',
    kmsKeyId,
    roleArn: null as string | null,
  };
}

/** What is listed, in order of the keys. */
export async function all(objects: AsyncIterable<ListedObject>): Promise<ListedObject[]> {
  const list: ListedObject[] = [];
  for await (const object of objects) list.push(object);
  return list.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Bytes that differ everywhere, so that a part in the wrong place shows. */
export function bytesOf(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let word = 2_463_534_242;
  for (let i = 0; i < words.length; i++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[i] = word;
  }
  return Buffer.from(words.buffer, 0, length);
}

/** Content in pieces, as it comes over a network. */
export function chunked(content: Buffer, size = 65_536): Readable {
  const chunks = function* () {
    for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
  };
  return Readable.from(chunks(), { objectMode: false });
}

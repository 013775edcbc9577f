import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { runFolder } from '../../platform/workflow/index.ts';

/** Where something a step made lies, and what it must be. */
export interface Bundle {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What a step made is not what it made, or is gone. */
export class DamagedBundleError extends Error {
  readonly code = 'BUNDLE_DAMAGED';
}

/**
 * What the steps of a run hand to each other beyond a few numbers: plain data and typed arrays, as objects below
 * the folder of the run. Written again by another attempt of a step they hold the same, so nothing is lost by writing twice.
 */
@Injectable()
export class Bundles {
  constructor(private readonly store: ObjectStore) {}

  async save(runId: string, name: string, value: unknown): Promise<Bundle> {
    const content = typeof value === 'string' ? Buffer.from(value) : serialize(value);
    return this.store.put(`${runFolder(runId)}/${name}`, Readable.from([content]));
  }

  /** A value saved as it was; its typed arrays share one buffer. @throws DamagedBundleError, NotFoundError */
  async load<T>(bundle: Bundle): Promise<T> {
    return deserialize(await this.bytes(bundle)) as T;
  }

  /** A text saved as it was. @throws DamagedBundleError, NotFoundError */
  async text(bundle: Bundle): Promise<string> {
    return (await this.bytes(bundle)).toString();
  }

  private async bytes({ key, sha256, bytes }: Bundle): Promise<Buffer> {
    // Memory of its own: arrays within it move to threads, which a shared pool must not.
    const content = Buffer.from(new ArrayBuffer(bytes));
    const hash = createHash('sha256');
    let at = 0;
    for await (const chunk of await this.store.get(key)) {
      const part = chunk as Buffer;
      hash.update(part);
      if (at + part.length <= bytes) part.copy(content, at);
      at += part.length;
    }
    if (at !== bytes || hash.digest('hex') !== sha256)
      throw new DamagedBundleError(`${key} is not what was stored under this name`);
    return content;
  }
}

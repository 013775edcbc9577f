import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AppError, NotFoundError } from '../../platform/http/index.ts';
import { ObjectStore, StoredObject } from '../../platform/objectstore/index.ts';

/** A stored model is not what was stored, or is gone. */
export class DamagedModelError extends AppError {
  constructor(version: string) {
    super(409, 'MODEL_DAMAGED', `The stored model ${version} is missing or does not match its checksum; train again`);
  }
}

/** Lower-case hex SHA-256 of a model's text. */
export function artefactHash(model: string): string {
  return createHash('sha256').update(model).digest('hex');
}

/** Keeps the texts of models in the object store, under `models/<version>/model.txt`. */
@Injectable()
export class ModelArtefacts {
  constructor(private readonly store: ObjectStore) {}

  /** Stores a model; the same version again replaces it by the same bytes. */
  save(version: string, model: string): Promise<StoredObject> {
    return this.store.put(`models/${version}/model.txt`, Readable.from([Buffer.from(model)]));
  }

  /** Refuses a version whose text is gone or changed. @throws DamagedModelError */
  async check(model: { readonly version: string; readonly artefactKey: string; readonly artefactSha256: string }) {
    await this.load({ version: model.version, key: model.artefactKey, sha256: model.artefactSha256 });
  }

  /** @throws DamagedModelError when the text is gone or does not match its checksum */
  async load(artefact: { readonly version: string; readonly key: string; readonly sha256: string }): Promise<string> {
    const model = await this.store
      .get(artefact.key)
      .then(text)
      .catch((error: Error) => {
        if (error instanceof NotFoundError) throw new DamagedModelError(artefact.version);
        throw error;
      });
    if (artefactHash(model) !== artefact.sha256) throw new DamagedModelError(artefact.version);
    return model;
  }
}

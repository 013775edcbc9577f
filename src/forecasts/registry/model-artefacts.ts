import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { DataSource } from 'typeorm';
import { isInsufficientRight } from '../../platform/database/index.ts';
import { AppError, NotFoundError } from '../../platform/http/index.ts';
import { ObjectStore, StoredObject } from '../../platform/objectstore/index.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

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

/** Which model, and what its text must be. */
interface Artefact {
  readonly version: string;
  readonly key: string;
  readonly sha256: string;
}

/**
 * Keeps the texts of models twice: in the object store, under `models/<version>/model.txt`, for whoever looks into the lake,
 * and compressed in the database, where they are read. So what answers requests needs no right to the models of the
 * object store, and one damaged copy is no harm.
 */
@Injectable()
export class ModelArtefacts {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
  ) {}

  /** Stores a model; the same version again replaces it by the same bytes. */
  async save(version: string, model: string): Promise<StoredObject> {
    const stored = await this.store.put(`models/${version}/model.txt`, Readable.from([Buffer.from(model)]));
    await this.keep(version, model);
    return stored;
  }

  /** Refuses a version whose text is gone or changed. @throws DamagedModelError */
  async check(model: { readonly version: string; readonly artefactKey: string; readonly artefactSha256: string }) {
    await this.load({ version: model.version, key: model.artefactKey, sha256: model.artefactSha256 });
  }

  /** @throws DamagedModelError when the text is gone or does not match its checksum */
  async load(artefact: Artefact): Promise<string> {
    const kept = await this.kept(artefact.version);
    if (kept !== null && artefactHash(kept) === artefact.sha256) return kept;
    // A model of a time before they were kept in the database, or a damaged copy.
    const model = await this.store
      .get(artefact.key)
      .then(text)
      .catch((error: Error) => {
        if (error instanceof NotFoundError) throw new DamagedModelError(artefact.version);
        throw error;
      });
    if (artefactHash(model) !== artefact.sha256) throw new DamagedModelError(artefact.version);
    await this.keep(artefact.version, model).catch((error: unknown) => {
      // The API may not write models: the next worker that reads this one keeps it.
      if (!isInsufficientRight(error)) throw error;
    });
    return model;
  }

  private async kept(version: string): Promise<string | null> {
    const [row] = await this.dataSource.query<{ gzip: Buffer }[]>(`SELECT gzip FROM model_texts WHERE version = $1`, [
      version,
    ]);
    if (!row) return null;
    return decompress(row.gzip).then(String, () => null);
  }

  private async keep(version: string, model: string): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO model_texts (version, gzip) VALUES ($1, $2)
       ON CONFLICT (version) DO UPDATE SET gzip = excluded.gzip, stored_at = now()`,
      [version, await compress(model)],
    );
  }
}

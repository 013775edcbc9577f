import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { randomUUID } from 'node:crypto';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '../../platform/audit/index.ts';
import { ConflictError, ForbiddenError, InvalidRequestError } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { cleanName } from '../clean-name.ts';
import { DROP_FOLDER, isFinishedName } from './take-dropped.ts';

const VALID_SECONDS = 15 * 60;
/** How long who was given an address is remembered after it has expired: its file may wait to be taken. */
const KEPT_DAYS = 7;

/** Where a file may be put. */
export interface DropAddress {
  readonly url: string;
  readonly objectKey: string;
  readonly expiresAt: Date;
}

/** Hands out addresses in the drop folder, so that large files need not pass through the API. */
@Injectable()
export class DropAddresses {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * An address that one file may be put to; it is taken in as the caller's upload.
   * @throws ForbiddenError; InvalidRequestError for the name of an unfinished file; ConflictError where the store is a folder
   */
  async create(filename: string, caller: Principal): Promise<DropAddress> {
    if (caller.locationIds.length)
      throw new ForbiddenError('A sales file may name any location; you are limited to some');
    const name = cleanName(filename);
    if (!isFinishedName(name)) throw new InvalidRequestError('filename', 'is that of a file that is not finished');
    const objectKey = `${DROP_FOLDER}/${randomUUID()}/${name}`;
    const url = await this.store.putUrl(objectKey, VALID_SECONDS);
    if (url === null)
      throw new ConflictError('The object store is a folder, which has no addresses; send the file itself');
    return this.dataSource.transaction(async (manager) => {
      const [{ expiresAt }] = await manager.query<{ expiresAt: Date }[]>(
        `INSERT INTO drop_addresses (object_key, created_by, expires_at)
         VALUES ($1, $2, now() + $3 * interval '1 second') RETURNING expires_at AS "expiresAt"`,
        [objectKey, caller.userId, VALID_SECONDS],
      );
      // Not the address itself: who has it may use it.
      const entry = { actor: caller.email, action: 'upload.address_issued', entity: 'upload', entityId: objectKey };
      await this.audit.record({ ...entry, after: { expires_at: expiresAt } }, manager);
      return { url, objectKey, expiresAt };
    });
  }
}

/** Whose file it is by its key; null = of somebody who put it there otherwise. */
export async function ownerOf(manager: EntityManager, objectKey: string): Promise<string | null> {
  const [row] = await manager.query<{ created_by: string }[]>(
    `SELECT created_by FROM drop_addresses WHERE object_key = $1`,
    [objectKey],
  );
  return row?.created_by ?? null;
}

/** Forgets addresses that nothing can come to any more. */
export async function forgetAddresses(manager: EntityManager): Promise<void> {
  await manager.query(`DELETE FROM drop_addresses WHERE expires_at < now() - $1 * interval '1 day'`, [KEPT_DAYS]);
}

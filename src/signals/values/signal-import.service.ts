import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../platform/audit/index.ts';
import { AppError, ForbiddenError, InvalidRequestError } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { CalendarService } from '../calendar.service.ts';
import { readSignalFile, RefusedRow } from './read-signal-file.ts';
import { SignalValues } from './signal-values.ts';

/** Bytes a file may have. */
const MOST_BYTES = 16 * 1024 * 1024;

/** One part of a multipart body, as it arrives. */
export type SignalPart =
  | { readonly type: 'field'; readonly fieldname: string }
  | { readonly type: 'file'; readonly fieldname: string; readonly file: Readable };

/** How an import fared. */
export interface ImportedSignals {
  readonly values: number;
  readonly events: number;
  readonly refused: readonly RefusedRow[];
}

/** Takes in local events, traffic and weather that people tell by file. */
@Injectable()
export class SignalImportService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogue: CatalogueService,
    private readonly calendar: CalendarService,
    private readonly values: SignalValues,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Reads the one file of a multipart body and stores its good rows in one transaction; the same rows again change nothing,
   * rows with another value correct what was told before.
   * @throws AppError 400 without a readable file in the field `file`, 413 for one that is too large
   */
  async import(parts: AsyncIterable<SignalPart>, caller: Principal): Promise<ImportedSignals> {
    if (caller.locationIds.length)
      throw new ForbiddenError('A file of signals may name any location; you are limited to some');
    const text = await textOf(parts);
    const keys = new Map<string, number>();
    for (const { id, code, locationId } of await this.catalogue.allLiveLocations()) {
      keys.set(locationId, id);
      keys.set(code, id);
    }
    const { values, events, refused } = readSignalFile(text, (name) => keys.get(name));
    await this.dataSource.transaction(async (manager) => {
      if (events.length) await this.calendar.addEvents(events, manager);
      await this.values.add(values, 'import', true, manager);
      const after = { values: values.length, events: events.length, refused: refused.length };
      const entry = { actor: caller.email, action: 'signals.imported', entity: 'signals', entityId: 'import' };
      await this.audit.record({ ...entry, after }, manager);
    });
    return { values: values.length, events: events.length, refused };
  }
}

async function textOf(parts: AsyncIterable<SignalPart>): Promise<string> {
  let content: Buffer | null = null;
  try {
    for await (const part of parts) {
      if (part.type !== 'file' || part.fieldname !== 'file' || content !== null) {
        if (part.type === 'file') part.file.resume();
        throw new InvalidRequestError(
          part.fieldname.slice(0, 100),
          'is not expected; send one file in the field "file"',
        );
      }
      content = await contentOf(part.file);
    }
  } catch (error) {
    if (error instanceof AppError || ((error as { statusCode?: number }).statusCode ?? 500) < 500) throw error;
    throw new AppError(400, 'MULTIPART_MALFORMED', 'The multipart body is malformed or ends too early');
  }
  if (content === null) throw new InvalidRequestError('file', 'is missing; send one file in the field "file"');
  return content.toString('utf8');
}

async function contentOf(file: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) {
      const message = `has more than ${MOST_BYTES} bytes`;
      throw new AppError(413, 'SIGNAL_FILE_TOO_LARGE', `file: ${message}`, [{ field: 'file', message }]);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

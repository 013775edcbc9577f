import { Injectable, PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, InvalidRequestError } from '../platform/http/index.ts';
import type { FieldError } from '../platform/http/index.ts';
import { SnapshotRowDto } from './dto/snapshot.dto.ts';

/** Most rows of one snapshot. */
export const MAX_SNAPSHOT_ROWS = 5000;
/** Most faults one answer lists. */
const MAX_ERRORS = 100;
/** Rows checked before other requests get their turn. */
const ROWS_PER_TURN = 250;

/** 400 with the faults of single rows, each under its index: `[3].on_hand`. */
export class InvalidRowsError extends AppError {
  constructor(errors: readonly FieldError[]) {
    super(
      400,
      'INVALID_REQUEST',
      errors
        .slice(0, 3)
        .map(({ field, message }) => `${field}: ${message}`)
        .join('; '),
      errors.slice(0, MAX_ERRORS),
    );
  }
}

/** Checks a body that is an array of {@link SnapshotRowDto}; the general validation only knows single objects. */
@Injectable()
export class SnapshotPipe implements PipeTransform<unknown, Promise<SnapshotRowDto[]>> {
  async transform(body: unknown): Promise<SnapshotRowDto[]> {
    if (!Array.isArray(body) || body.length < 1 || body.length > MAX_SNAPSHOT_ROWS) {
      throw new InvalidRequestError('body', `must be an array of 1 to ${MAX_SNAPSHOT_ROWS} rows`);
    }
    const rows: SnapshotRowDto[] = [];
    const errors: FieldError[] = [];
    for (const [index, item] of (body as unknown[]).entries()) {
      if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn();
      if (item === null || typeof item !== 'object' || Array.isArray(item)) {
        errors.push({ field: `[${index}]`, message: 'must be an object' });
        continue;
      }
      const row = plainToInstance(SnapshotRowDto, item);
      rows.push(row);
      const faults = await validate(row, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true });
      errors.push(
        ...faults.map(({ property, constraints }) => ({
          field: `[${index}].${property}`,
          message: Object.values(constraints ?? {})[0] ?? 'is not valid',
        })),
        ...exactlyOne(row, index, 'sku', 'product_id'),
        ...exactlyOne(row, index, 'location', 'location_id'),
      );
    }
    if (errors.length) throw new InvalidRowsError(errors);
    return rows;
  }
}

function exactlyOne(
  row: SnapshotRowDto,
  index: number,
  name: 'sku' | 'location',
  id: 'product_id' | 'location_id',
): FieldError[] {
  if ((row[name] === undefined) !== (row[id] === undefined)) return [];
  return [{ field: `[${index}].${name}`, message: `give either ${name} or ${id}` }];
}

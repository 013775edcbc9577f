import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { InvalidRequestError } from './app-error.ts';

/** Query of every list: `limit` (default 50, at most 500) and the opaque `cursor` of the page before. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 50;

  /** `next_cursor` of the page before. */
  @ApiPropertyOptional({ maxLength: 1000 })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  cursor?: string;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: T[];
  readonly next_cursor: string | null;
}

/** Packs the sort key of a page's last row; opaque for clients. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * Unpacks a cursor of `length` parts; undefined where none was given.
 * @throws InvalidRequestError for a cursor this server did not make
 */
export function decodeCursor(cursor: string | undefined, length: number): (string | number)[] | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === length && key.every((part) => ['string', 'number'].includes(typeof part)))
      return key;
  } catch {
    // falls through to the refusal below
  }
  throw new InvalidRequestError('cursor', 'is not a cursor of this list');
}

/** Cuts `limit + 1` fetched rows to a page; `keyOf` names the sort key of a row. */
export function toPage<T, R>(
  rows: T[],
  limit: number,
  keyOf: (row: T) => (string | number)[],
  present: (row: T) => R,
): Page<R> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(present),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}

/**
 * The id after which a list that is ordered by ids alone goes on; null at its beginning.
 * @throws InvalidRequestError for a cursor of another list
 */
export function idCursor(cursor: string | undefined): number | null {
  const [id] = decodeCursor(cursor, 1) ?? [null];
  if (id === null) return null;
  if (typeof id !== 'number' || !Number.isSafeInteger(id))
    throw new InvalidRequestError('cursor', 'is not a cursor of this list');
  return id;
}

import { ApiProperty } from '@nestjs/swagger';
import type { ArchivedMonth } from './archived-months.ts';

/** A month of sales that was moved into the object store. */
export class ArchivedMonthDto {
  /** Written yyyy-mm. */
  @ApiProperty() month: string;
  @ApiProperty({ type: 'integer' }) rows: number;
  /** Units sold. */
  @ApiProperty() quantity: number;
  /** Where the file lies in the object store. */
  @ApiProperty() object_key: string;
  @ApiProperty({ type: 'integer' }) bytes: number;
  @ApiProperty() sha256: string;
  @ApiProperty({ format: 'date-time' }) archived_at: string;
  /** When its sales were brought back; null while they are in the archive alone. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) restored_at: string | null;
  /** Until when sales that were brought back stay. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) keep_until: string | null;

  static of(archived: ArchivedMonth): ArchivedMonthDto {
    const { month, rows, quantity, objectKey, bytes, sha256, archivedAt, restoredAt, keepUntil } = archived;
    return {
      month: month.slice(0, 7),
      rows,
      quantity,
      object_key: objectKey,
      bytes,
      sha256,
      archived_at: archivedAt.toISOString(),
      restored_at: restoredAt?.toISOString() ?? null,
      keep_until: keepUntil?.toISOString() ?? null,
    };
  }
}

/** Every month of sales that was ever archived, the latest first. */
export class SalesArchiveDto {
  /** Whole months of sales that are kept before the month of the latest; null = nothing is archived. */
  @ApiProperty({ type: 'integer', nullable: true }) retention_months: number | null;
  @ApiProperty({ type: [ArchivedMonthDto] }) months: ArchivedMonthDto[];
}

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { EventBatch } from './read-body.ts';

/** One sale, or one return, as it happens. */
export class StreamEventDto {
  /** Given by the sender: the same id counts once, however often and in whatever order it is sent. */
  @ApiProperty({ maxLength: 100 }) event_id: string;
  /** With a zone; not in the future and at most seven days back. */
  @ApiProperty({ format: 'date-time' }) occurred_at: string;
  /** Either this or `product_id`; one that is unknown is added to the catalogue. */
  @ApiPropertyOptional({ maxLength: 200 }) sku?: string;
  @ApiPropertyOptional({ format: 'uuid' }) product_id?: string;
  /** Code of the place; either this or `location_id`; one that is unknown is added to the catalogue. */
  @ApiPropertyOptional({ maxLength: 200 }) location?: string;
  @ApiPropertyOptional({ format: 'uuid' }) location_id?: string;
  /** Units sold; below zero for units that came back, which lower the sales of that day, to zero at least. */
  @ApiProperty() quantity: number;
  /** Price of one unit. */
  @ApiPropertyOptional({ type: Number, minimum: 0, nullable: true }) price?: number | null;
}

/** An event that was refused. */
export class RejectedEventDto {
  /** Place in the array, from 0. */
  @ApiPropertyOptional({ type: 'integer' }) index?: number;
  /** Line of JSON lines, from 1. */
  @ApiPropertyOptional({ type: 'integer' }) line?: number;
  @ApiProperty() field: string;
  @ApiProperty() reason: string;
}

/** What became of a request's events: the accepted ones are kept and will be stored within seconds. */
export class EventReceiptDto {
  @ApiProperty({ type: 'integer' }) accepted: number;
  /** Events that repeat an id of the same request. Ids sent before count once as well, which storing finds out. */
  @ApiProperty({ type: 'integer' }) duplicate: number;
  @ApiProperty({ type: [RejectedEventDto] }) rejected: readonly RejectedEventDto[];

  static of({ accepted, duplicates, rejected }: EventBatch): EventReceiptDto {
    return { accepted: accepted.ids.length, duplicate: duplicates, rejected };
  }
}

import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { PageQuery, Text } from '../../platform/http/index.ts';

/** Filters of the audit trail. */
export class AuditQuery extends PageQuery {
  /** Kind of thing, such as `product`. */
  @IsOptional()
  @Text(1, 100)
  entity?: string;

  /** Public id of the thing. */
  @IsOptional()
  @Text(1, 200)
  entity_id?: string;
}

/** One entry of the audit trail. */
export class AuditRowDto {
  id: number;
  @ApiProperty({ format: 'date-time' }) at: string;
  /** Email of the user, or `system`. */
  actor: string;
  action: string;
  entity: string;
  entity_id: string;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) before: Record<string, unknown> | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) after: Record<string, unknown> | null;
  @ApiProperty({ type: String, nullable: true }) correlation_id: string | null;
}

/** A page of the audit trail, latest first. */
export class AuditPageDto {
  @ApiProperty({ type: [AuditRowDto] }) items: AuditRowDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

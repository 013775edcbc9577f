import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { PageQuery, Text } from '../../platform/http/index.ts';
import { FAULTS } from './chain.ts';
import type { Fault } from './chain.ts';

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

/** The first thing that is wrong with the audit trail. */
export class AuditBreakDto {
  /**
   * `changed`, `removed`: an entry; `link-missing`: a place in the chain is empty; `unchained`: an entry has no link;
   * `anchor-missing`: the end was cut off since an earlier verification; `anchor-differs`: the chain was written anew.
   */
  @ApiProperty({ enum: FAULTS }) fault: Fault;
  /** Place in the chain, from 1; null for an entry that has none. */
  @ApiProperty({ type: Number, nullable: true }) position: number | null;
  /** Id of the entry, where it is known. */
  @ApiProperty({ type: Number, nullable: true }) entry_id: number | null;
}

/** What the latest verification of the audit trail found. */
export class AuditVerificationDto {
  @ApiProperty({ format: 'date-time' }) verified_at: string;
  /** Whether nothing was changed or removed. */
  intact: boolean;
  /** Links that hold, from the first. */
  links: number;
  /** The last of them as `position:hash`. Noted elsewhere it lets a later verification tell that the trail was not cut or rewritten. */
  anchor: string;
  @ApiProperty({ type: AuditBreakDto, nullable: true }) broken: AuditBreakDto | null;
}

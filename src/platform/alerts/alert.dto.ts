import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQuery, Text } from '../http/index.ts';
import { ALERT_STATES, SEVERITIES } from './alerts.service.ts';
import type { AlertRow, AlertState, Severity } from './alerts.service.ts';

/** Which alerts to list. */
export class AlertQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ALERT_STATES })
  @IsOptional()
  @IsIn(ALERT_STATES)
  state?: AlertState;

  @ApiPropertyOptional({ enum: SEVERITIES })
  @IsOptional()
  @IsIn(SEVERITIES)
  severity?: Severity;

  /** Sort of matter, such as `model.gate_failed`. */
  @IsOptional()
  @Text(1, 100)
  kind?: string;
}

/** Something that somebody should look at. */
export class AlertDto {
  @ApiProperty({ format: 'uuid' }) alert_id: string;
  @ApiProperty({ example: 'model.gate_failed' }) kind: string;
  @ApiProperty({ enum: SEVERITIES }) severity: Severity;
  @ApiProperty() subject: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) detail: Record<string, unknown>;
  @ApiProperty({ enum: ALERT_STATES }) state: AlertState;
  /** How often the matter came up while it was unresolved. */
  @ApiProperty() occurrences: number;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ format: 'date-time' }) last_seen_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) acknowledged_at: string | null;
  @ApiProperty({ type: String, nullable: true }) acknowledged_by: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) resolved_at: string | null;
  @ApiProperty({ type: String, nullable: true }) resolved_by: string | null;

  static of(row: AlertRow): AlertDto {
    return {
      alert_id: row.alert_id,
      kind: row.kind,
      severity: row.severity,
      subject: row.subject,
      detail: row.detail,
      state: row.state,
      occurrences: row.occurrences,
      created_at: row.created_at.toISOString(),
      last_seen_at: row.last_seen_at.toISOString(),
      acknowledged_at: row.acknowledged_at?.toISOString() ?? null,
      acknowledged_by: row.acknowledged_by,
      resolved_at: row.resolved_at?.toISOString() ?? null,
      resolved_by: row.resolved_by,
    };
  }
}

export class AlertPageDto {
  @ApiProperty({ type: [AlertDto] }) items: AlertDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

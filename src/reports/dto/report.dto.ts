import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageQuery, Text } from '../../platform/http/index.ts';

/** What a report can be written as. */
export const REPORT_FORMATS = ['json', 'csv'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What every report may be narrowed to. `limit` and `cursor` page the JSON; a CSV holds everything. */
export class ReportQuery extends PageQuery {
  @ApiPropertyOptional({ enum: REPORT_FORMATS, default: 'json' })
  @IsOptional()
  @IsIn(REPORT_FORMATS)
  format: ReportFormat = 'json';

  @IsOptional()
  @IsUUID()
  location_id?: string;

  @IsOptional()
  @Text(1, 200)
  category?: string;
}

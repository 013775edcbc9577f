import { ApiProperty } from '@nestjs/swagger';
import { IsCivilDate } from '../../signals/index.ts';

/** Which days; at most 366. */
export class DataQualityQuery {
  /** First day. */
  @IsCivilDate()
  from: string;

  /** Last day, included. */
  @IsCivilDate()
  to: string;
}

/** One day of sales. */
export class QualityDayDto {
  @ApiProperty({ format: 'date' }) date: string;
  /** Rows of sales stored. */
  @ApiProperty({ type: 'integer' }) rows: number;
  /** How often each kind of defect was found on this day. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' } }) findings: Readonly<
    Record<string, number>
  >;
}

/** Uploads by what became of them. */
export class UploadCountsDto {
  @ApiProperty({ type: 'integer' }) loaded: number;
  @ApiProperty({ type: 'integer' }) held: number;
  @ApiProperty({ type: 'integer' }) failed: number;
}

/** Quality of the sales data day by day. */
export class DataQualityDto {
  @ApiProperty({ format: 'date' }) from: string;
  @ApiProperty({ format: 'date' }) to: string;
  /** Findings of all days by kind. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' } }) totals: Readonly<Record<string, number>>;
  /** Uploads that arrived on these days. */
  @ApiProperty({ type: UploadCountsDto }) uploads: UploadCountsDto;
  /** Rejected and conflicting rows among those the uploads held, 0 to 1; null without uploads. */
  @ApiProperty({ type: Number, nullable: true }) bad_share: number | null;
  @ApiProperty({ type: [QualityDayDto] }) days: QualityDayDto[];
}

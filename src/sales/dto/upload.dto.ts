import { ApiProperty } from '@nestjs/swagger';
import {
  INGEST_STEPS,
  INGEST_STEP_STATES,
  ingestSteps,
  type IngestStepName,
  type IngestStepState,
} from '../ingest-steps.ts';
import { FINDING_UNITS, type FindingKind } from '../quality/findings.ts';
import type { PersonalKind } from '../quality/personal-data.ts';
import type { Upload, UploadState } from '../uploads.store.ts';

/** The multipart body of an upload. */
export class UploadFileDto {
  /** CSV, XLSX or Parquet, gzip allowed. */
  @ApiProperty({ type: 'string', format: 'binary' }) file: string;
}

/** Why an import failed. */
export class UploadErrorDto {
  @ApiProperty() code: string;
  @ApiProperty() message: string;
}

/** How often a reason kept rows from being loaded. */
export class RejectReasonDto {
  @ApiProperty() reason: string;
  @ApiProperty() rows: number;
}

/** A kind of defect that was found. */
export class FindingDto {
  @ApiProperty({ enum: Object.keys(FINDING_UNITS) }) kind: FindingKind;
  @ApiProperty({ type: 'integer' }) count: number;
  /** What `count` counts. */
  @ApiProperty({ enum: ['rows', 'days', 'series', 'columns'] }) unit: 'rows' | 'days' | 'series' | 'columns';
  /** The first few, in words. */
  @ApiProperty({ type: [String] }) examples: readonly string[];
}

/** A column that is not loaded since it tells about persons. */
export class PersonalColumnDto {
  @ApiProperty() column: string;
  @ApiProperty({ enum: ['name', 'email', 'phone', 'card', 'customer_id', 'address', 'date_of_birth'] })
  kind: PersonalKind;
}

/** Consecutive days without any row, both ends included. */
export class GapDto {
  @ApiProperty({ format: 'date' }) from: string;
  @ApiProperty({ format: 'date' }) to: string;
}

/** Days without any row between the first and the last. */
export class GapsDto {
  @ApiProperty() days: number;
  /** The first twenty stretches. */
  @ApiProperty({ type: [GapDto] }) stretches: readonly GapDto[];
}

/** How long the import took. */
export class ImportSecondsDto {
  @ApiProperty() parse: number;
  @ApiProperty() load: number;
}

/** Data quality of an upload. */
export class QualityReportDto {
  @ApiProperty({ enum: ['loaded', 'held'] }) state: 'loaded' | 'held';
  @ApiProperty() rows_read: number;
  @ApiProperty() rows_loaded: number;
  @ApiProperty() rows_inserted: number;
  @ApiProperty() rows_updated: number;
  @ApiProperty() rows_unchanged: number;
  @ApiProperty() rows_rejected: number;
  /** Later rows of a product, location and day that the file already had. */
  @ApiProperty() rows_duplicate: number;
  /** Duplicates that contradict the first row. */
  @ApiProperty() rows_conflicting: number;
  /** Rejected and conflicting rows among those read, 0 to 1. */
  @ApiProperty() bad_share: number;
  @ApiProperty({ type: [RejectReasonDto] }) reasons: readonly RejectReasonDto[];
  /** Defects of single rows by kind. */
  @ApiProperty({ type: [FindingDto] }) findings: readonly FindingDto[];
  @ApiProperty({ type: [PersonalColumnDto] }) personal_columns: readonly PersonalColumnDto[];
  /** Header as written, and the column it was taken for. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) headers: Readonly<Record<string, string>>;
  @ApiProperty({ type: [String] }) ignored_columns: readonly string[];
  /** What the file was. */
  @ApiProperty({ enum: ['csv', 'xlsx', 'parquet'] }) format: 'csv' | 'xlsx' | 'parquet';
  @ApiProperty() encoding: string;
  @ApiProperty() delimiter: string;
  @ApiProperty({ type: String, format: 'date', nullable: true }) first_date: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) last_date: string | null;
  @ApiProperty() products: number;
  @ApiProperty() products_new: number;
  @ApiProperty() locations: number;
  @ApiProperty() locations_new: number;
  /** Rows with a quantity of 0, 0 to 1. */
  @ApiProperty() zero_share: number;
  @ApiProperty({ type: GapsDto }) gaps: GapsDto;
  @ApiProperty({ type: [String] }) hints: readonly string[];
  @ApiProperty({ type: ImportSecondsDto }) seconds: ImportSecondsDto;
}

/** Where a file is with one of the steps on its way. */
export class IngestStepDto {
  /**
   * `receive` and look at its kind, `store` byte for byte, `start` in a worker, `clean` its rows, `load` them, fetch `signals`
   * for what is new, report the `quality` of its series.
   */
  @ApiProperty({ enum: INGEST_STEPS }) name: IngestStepName;
  @ApiProperty({ enum: INGEST_STEP_STATES }) state: IngestStepState;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finished_at: string | null;
}

/** An uploaded sales file. */
export class UploadDto {
  @ApiProperty({ format: 'uuid' }) upload_id: string;
  @ApiProperty() filename: string;
  @ApiProperty() bytes: number;
  @ApiProperty() sha256: string;
  @ApiProperty({ enum: ['queued', 'loading', 'loaded', 'held', 'failed', 'cancelled'] }) state: UploadState;
  @ApiProperty({ format: 'uuid' }) job_id: string;
  @ApiProperty({ type: UploadErrorDto, nullable: true }) error: UploadErrorDto | null;
  @ApiProperty({ type: QualityReportDto, nullable: true }) report: QualityReportDto | null;
  /** Defects that the series around its rows show; null until they have been looked at, after the load. */
  @ApiProperty({ type: [FindingDto], nullable: true }) series_findings: readonly FindingDto[] | null;
  /** The way of the file, in order. */
  @ApiProperty({ type: [IngestStepDto] }) steps: readonly IngestStepDto[];
  /** Where the rows that were not loaded can be read; null when there are none. */
  @ApiProperty({ type: String, nullable: true }) rejected_url: string | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finished_at: string | null;

  static of(upload: Upload): UploadDto {
    return {
      upload_id: upload.id,
      filename: upload.filename,
      bytes: upload.bytes,
      sha256: upload.sha256,
      state: upload.state,
      job_id: upload.job_id,
      error: upload.error,
      report: upload.report,
      series_findings: upload.series_findings,
      steps: ingestSteps(upload).map(({ name, state, finishedAt }) => ({
        name,
        state,
        finished_at: finishedAt?.toISOString() ?? null,
      })),
      rejected_url: upload.rejected_key ? `/api/v1/sales-data/uploads/${upload.id}/rejected` : null,
      created_at: upload.created_at.toISOString(),
      finished_at: upload.finished_at?.toISOString() ?? null,
    };
  }
}

/** Page of uploads. */
export class UploadPageDto {
  @ApiProperty({ type: [UploadDto] }) items: UploadDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

import { ApiProperty } from '@nestjs/swagger';
import type { ImportedSignals } from './values/signal-import.service.ts';
import type { ListExtent, SignalExtent, SourceStatus } from './values/signal-status.service.ts';

/** A service signals come from, and how it has fared. */
export class SignalSourceDto {
  @ApiProperty({ enum: ['weather', 'macro', 'market'] }) name: string;
  /** Who offers it; null = it is switched off. */
  @ApiProperty({ type: String, nullable: true }) provider: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) last_success: string | null;
  @ApiProperty({ type: String, nullable: true }) last_error: string | null;
  /** Calls of the last thirty days. */
  @ApiProperty({ type: 'integer' }) calls: number;
  /** Share of them that succeeded; null = there were none. */
  @ApiProperty({ type: Number, nullable: true }) uptime: number | null;
  /** Open = the service is left alone after failures. */
  @ApiProperty({ enum: ['closed', 'open'] }) breaker: string;

  static of(status: SourceStatus): SignalSourceDto {
    return {
      name: status.source,
      provider: status.provider,
      last_success: status.lastSuccess?.toISOString() ?? null,
      last_error: status.lastError,
      calls: status.calls,
      uptime: status.uptime,
      breaker: status.breakerOpen ? 'open' : 'closed',
    };
  }
}

/** What is stored of a signal. */
export class StoredSignalDto {
  @ApiProperty({ example: 'rainfall' }) signal: string;
  @ApiProperty({ type: 'integer' }) values: number;
  @ApiProperty({ format: 'date' }) first_date: string;
  @ApiProperty({ format: 'date' }) last_date: string;
  /** Latest day on which a value became known. */
  @ApiProperty({ format: 'date' }) last_known_from: string;

  static of({ signal, values, firstDate, lastDate, lastKnownFrom }: SignalExtent): StoredSignalDto {
    return { signal, values, first_date: firstDate, last_date: lastDate, last_known_from: lastKnownFrom };
  }
}

/** Events of the calendar from one list or from planners. */
export class CalendarListDto {
  @ApiProperty({ example: 'computed:tithi' }) source: string;
  @ApiProperty({ type: 'integer' }) events: number;
  @ApiProperty({ format: 'date' }) last_date: string;

  static of({ source, events, lastDate }: ListExtent): CalendarListDto {
    return { source, events, last_date: lastDate };
  }
}

/** The state of the signals from outside. */
export class SignalsDto {
  @ApiProperty({ type: [SignalSourceDto] }) sources: SignalSourceDto[];
  @ApiProperty({ type: [StoredSignalDto] }) stored: StoredSignalDto[];
  @ApiProperty({ type: [CalendarListDto] }) calendar: CalendarListDto[];
}

/** The multipart body of an import. */
export class SignalFileDto {
  /** CSV with the columns signal, date, location, value, name, kind, known_from. */
  @ApiProperty({ type: 'string', format: 'binary' }) file: string;
}

/** A row that was not taken. */
export class RefusedSignalDto {
  /** Line of the file; the header is line 1. */
  @ApiProperty({ type: 'integer' }) line: number;
  @ApiProperty() reason: string;
}

/** How an import fared. */
export class ImportedSignalsDto {
  /** Values of signals that were stored. */
  @ApiProperty({ type: 'integer' }) values: number;
  /** Events that were put into the calendar. */
  @ApiProperty({ type: 'integer' }) events: number;
  @ApiProperty({ type: 'integer' }) rejected: number;
  /** The first hundred of the rows that were not taken. */
  @ApiProperty({ type: [RefusedSignalDto] }) rejections: RefusedSignalDto[];

  static of({ values, events, refused }: ImportedSignals): ImportedSignalsDto {
    return { values, events, rejected: refused.length, rejections: refused.slice(0, 100).map((row) => ({ ...row })) };
  }
}

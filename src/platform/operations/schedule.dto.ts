import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, ValidateBy } from 'class-validator';
import { IfPresent, isTimezone, Text } from '../http/index.ts';
import { isCron } from '../schedules/index.ts';

/** When a schedule comes due, as an administrator sets it. A field left out takes its default. */
export class WriteScheduleDto {
  /** Minute, hour, day of month, month and day of week, such as `30 2 * * MON-FRI`. */
  @ApiProperty({ minLength: 9, maxLength: 200 })
  @ValidateBy({
    name: 'isCron',
    validator: {
      validate: (value: string) => isCron(value, new Date()),
      defaultMessage: () => '$property must be a cron expression of five parts that comes due at some time',
    },
  })
  @Text(9, 200)
  cron: string;

  /** IANA name; left out = the configured default. */
  @ApiPropertyOptional({ maxLength: 100 })
  @IfPresent()
  @ValidateBy({
    name: 'isTimezone',
    validator: { validate: isTimezone, defaultMessage: () => '$property must be an IANA time zone' },
  })
  @Text(1, 100)
  timezone?: string;

  @ApiPropertyOptional({ default: true })
  @IfPresent()
  @IsBoolean()
  enabled?: boolean;
}

/** Why a tick started nothing. */
export class TickErrorDto {
  @ApiProperty() code: string;
  @ApiProperty() message: string;
}

/** A time at which a schedule came due, and what was started. */
export class TickDto {
  /** When the schedule came due. */
  @ApiProperty({ format: 'date-time' }) tick: string;
  /** When its work was started. */
  @ApiProperty({ format: 'date-time' }) fired_at: string;
  /** Earlier ticks while nothing ran, which this one makes up for. */
  @ApiProperty({ type: 'integer' }) missed: number;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) job_id: string | null;
  /** Run of a workflow. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) run_id: string | null;
  @ApiProperty({ type: TickErrorDto, nullable: true }) error: TickErrorDto | null;
}

/** A page of ticks, latest first. */
export class TickPageDto {
  @ApiProperty({ type: [TickDto] }) items: TickDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

/** A schedule. */
export class ScheduleDto {
  @ApiProperty() name: string;
  @ApiProperty() summary: string;
  @ApiProperty() cron: string;
  @ApiProperty() timezone: string;
  @ApiProperty() enabled: boolean;
  /** Null while it is switched off. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) next_tick: string | null;
  @ApiProperty({ type: TickDto, nullable: true }) last_tick: TickDto | null;
  @ApiProperty({ format: 'date-time' }) updated_at: string;
}

/** All schedules. */
export class ScheduleListDto {
  @ApiProperty({ type: [ScheduleDto] }) items: ScheduleDto[];
}

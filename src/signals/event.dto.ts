import { ApiProperty } from '@nestjs/swagger';
import { IfPresent, PageQuery, Text } from '../platform/http/index.ts';
import type { StoredEvent } from './calendar.service.ts';
import { IsCivilDate } from './civil-day.ts';

/** Events of a range of days. */
export class EventsQuery extends PageQuery {
  /** First day. */
  @IfPresent()
  @IsCivilDate()
  from?: string;

  /** Last day, included. */
  @IfPresent()
  @IsCivilDate()
  to?: string;
}

/** A festival, holiday or promotion on one day. */
export class CreateEventDto {
  @ApiProperty({ format: 'date', example: '2025-10-20' })
  @IsCivilDate()
  date: string;

  @ApiProperty({ example: 'Diwali' })
  @Text(1, 200)
  name: string;

  /** What sort of event it is. */
  @ApiProperty({ required: false, default: 'festival' })
  @IfPresent()
  @Text(1, 50)
  kind?: string;
}

/** An event of the calendar. */
export class EventDto {
  @ApiProperty() event_id: number;
  @ApiProperty({ format: 'date' }) date: string;
  @ApiProperty() name: string;
  @ApiProperty() kind: string;
  /** `planner`, or the public list the day was taken from. */
  @ApiProperty({ example: 'computed:tithi' }) source: string;
  @ApiProperty({ format: 'date-time' }) created_at: string;

  static of(event: StoredEvent): EventDto {
    return {
      event_id: event.id,
      date: event.date,
      name: event.name,
      kind: event.kind,
      source: event.source,
      created_at: event.createdAt.toISOString(),
    };
  }
}

/** One page of events. */
export class EventPageDto {
  @ApiProperty({ type: [EventDto] }) items: EventDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

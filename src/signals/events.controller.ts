import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller, decodeCursor, InvalidRequestError, toPage, Idempotent } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { CalendarService } from './calendar.service.ts';
import { CreateEventDto, EventDto, EventPageDto, EventsQuery } from './event.dto.ts';
import { isCivilDate } from './civil-day.ts';

/** Festivals and other dated events that forecasts take into account. */
@ApiTags('signals')
@Controller('signals/events')
@AllowRole('planner')
export class EventsController {
  constructor(private readonly calendar: CalendarService) {}

  @Get()
  @ApiOperation({ summary: 'Events of a range of days, oldest first' })
  async list(@Query() query: EventsQuery): Promise<EventPageDto> {
    const [date, id] = decodeCursor(query.cursor, 2) ?? [];
    if (date !== undefined && (!isCivilDate(date) || !Number.isSafeInteger(id)))
      throw new InvalidRequestError('cursor', 'is not a cursor of this list');
    const events = await this.calendar.list({
      from: query.from,
      to: query.to,
      after: date === undefined ? undefined : { date: String(date), id: Number(id) },
      limit: query.limit,
    });
    return toPage(events, query.limit, (event) => [event.date, event.id], EventDto.of);
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Add an event; the same day and name again changes its kind only' })
  async create(@Body() body: CreateEventDto, @Caller() { email }: Principal): Promise<EventDto> {
    return EventDto.of(await this.calendar.create(body, email));
  }
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '../platform/audit/index.ts';
import { givesWay } from './calendar/gives-way.ts';
import { dayOf, isoOf } from './civil-day.ts';

const GIVES_WAY = givesWay('e');

/** A festival, holiday or other dated event that may move demand. */
export interface DatedEvent {
  /** ISO calendar day. */
  readonly date: string;
  readonly name: string;
  /** What sort of event it is; `festival` unless stated. */
  readonly kind?: string;
}

/** An event as the calendar keeps it. */
export interface StoredEvent extends Required<DatedEvent> {
  readonly id: number;
  /** `planner`, or the public list it was taken from. */
  readonly source: string;
  readonly createdAt: Date;
}

/** Which events of the calendar to list, oldest first. */
export interface EventFilter {
  readonly from?: string;
  readonly to?: string;
  /** Date and id of the last event already seen. */
  readonly after?: { readonly date: string; readonly id: number };
  readonly limit: number;
}

/** The calendar of events that forecasts take into account. An event is known by its day and its name. */
@Injectable()
export class CalendarService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** Events of the days `fromDay`..`toDay`, both included and counted from 1970-01-01, in ascending order. */
  async events(fromDay: number, toDay: number): Promise<{ day: number; name: string }[]> {
    const rows = await this.dataSource.query<{ date: string; name: string }[]>(
      `SELECT date, name FROM calendar_events WHERE date BETWEEN $1 AND $2 ORDER BY date, name COLLATE "C"`,
      [isoOf(fromDay), isoOf(toDay)],
    );
    return rows.map(({ date, name }) => ({ day: dayOf(date), name }));
  }

  /**
   * Adds events of a planner's; those already there take the given kind and are the planner's from now on. Days of public lists
   * that these events stand for give way.
   */
  async addEvents(events: readonly DatedEvent[], manager: EntityManager = this.dataSource.manager): Promise<void> {
    // The same event twice in one statement would be refused by the database.
    const distinct = [...new Map(events.map((event) => [`${event.date} ${event.name}`, event])).values()];
    await manager.query(
      `INSERT INTO calendar_events (date, name, kind, source)
       SELECT *, 'planner' FROM unnest($1::date[], $2::text[], $3::text[])
       ON CONFLICT (date, name) DO UPDATE SET kind = excluded.kind, source = excluded.source`,
      [
        distinct.map(({ date }) => date),
        distinct.map(({ name }) => name),
        distinct.map(({ kind }) => kind ?? 'festival'),
      ],
    );
    await manager.query(`DELETE FROM calendar_events AS e WHERE source <> 'planner' AND ${GIVES_WAY}`);
  }

  /** Makes the calendar hold exactly these events. */
  async replaceEvents(events: readonly DatedEvent[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(
        `DELETE FROM calendar_events
         WHERE (date, name) NOT IN (SELECT * FROM unnest($1::date[], $2::text[]))`,
        [events.map(({ date }) => date), events.map(({ name }) => name)],
      );
      await this.addEvents(events, manager);
    });
  }

  /** Adds one event, or answers the one that is there with its kind renewed. */
  async create(event: DatedEvent, actor: string): Promise<StoredEvent> {
    return this.dataSource.transaction(async (manager) => {
      const before = await findEvent(manager, event);
      await this.addEvents([event], manager);
      const after = (await findEvent(manager, event)) as StoredEvent;
      const entry = { actor, action: 'event.stated', entity: 'event', entityId: String(after.id) };
      await this.audit.record({ ...entry, before, after }, manager);
      return after;
    });
  }

  /** At most `limit + 1` events, so that the caller sees whether there are more. */
  async list({ from, to, after, limit }: EventFilter): Promise<StoredEvent[]> {
    return this.dataSource.query<StoredEvent[]>(
      `SELECT id, date, name, kind, source, created_at AS "createdAt" FROM calendar_events
       WHERE ($1::date IS NULL OR date >= $1) AND ($2::date IS NULL OR date <= $2)
         AND ($3::date IS NULL OR (date, id) > ($3, $4::integer))
       ORDER BY date, id LIMIT $5`,
      [from ?? null, to ?? null, after?.date ?? null, after?.id ?? null, limit + 1],
    );
  }
}

async function findEvent(manager: EntityManager, { date, name }: DatedEvent): Promise<StoredEvent | null> {
  const [row] = await manager.query<StoredEvent[]>(
    `SELECT id, date, name, kind, source, created_at AS "createdAt" FROM calendar_events WHERE date = $1 AND name = $2`,
    [date, name],
  );
  return row ?? null;
}

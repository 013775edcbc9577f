import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../audit/index.ts';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import {
  assertIfMatch,
  decodeCursor,
  InvalidRequestError,
  NotFoundError,
  Page,
  PageQuery,
  toPage,
} from '../http/index.ts';
import { findSchedule, latestTicks, listSchedules, listTicks, nextTick, updateSchedule } from '../schedules/index.ts';
import type { ScheduleRow, TickRow } from '../schedules/index.ts';
import { ScheduleDto, TickDto } from './schedule.dto.ts';

/** A schedule as it is answered, under the version that its ETag names. */
export interface VersionedSchedule {
  readonly version: number;
  readonly body: ScheduleDto;
}

/** What administrators see of the schedules and set. */
@Injectable()
export class ScheduleAdministration {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly audit: AuditTrail,
  ) {}

  /** All schedules by name. */
  async list(): Promise<ScheduleDto[]> {
    const ticks = await latestTicks(this.dataSource.manager);
    const rows = await listSchedules(this.dataSource.manager);
    return rows.map((row) =>
      this.present(
        row,
        ticks.find(({ schedule }) => schedule === row.name),
      ),
    );
  }

  /** @throws NotFoundError */
  async get(name: string): Promise<VersionedSchedule> {
    return this.versioned(found(await findSchedule(this.dataSource.manager, name)));
  }

  /** Sets when a schedule comes due. @throws NotFoundError, PreconditionFailedError */
  async replace(
    name: string,
    state: Pick<ScheduleRow, 'cron' | 'timezone' | 'enabled'>,
    ifMatch: string | undefined,
    actor: string,
  ): Promise<VersionedSchedule> {
    const row = await this.dataSource.transaction(async (manager) => {
      const before = found(await findSchedule(manager, name, true));
      assertIfMatch(ifMatch, before);
      const after = await updateSchedule(manager, { name, ...state });
      const entry = { actor, action: 'schedule.updated', entity: 'schedule', entityId: name };
      await this.audit.record({ ...entry, before: settings(before), after: settings(after) }, manager);
      return after;
    });
    return this.versioned(row);
  }

  /** Ticks of a schedule, latest first. @throws NotFoundError, InvalidRequestError */
  async ticks(name: string, { cursor, limit }: PageQuery): Promise<Page<TickDto>> {
    const { manager } = this.dataSource;
    found(await findSchedule(manager, name));
    const [key] = decodeCursor(cursor, 1) ?? [null];
    const before = key === null ? null : new Date(key);
    if (before && Number.isNaN(before.getTime()))
      throw new InvalidRequestError('cursor', 'is not a cursor of this list');
    const rows = await listTicks(manager, name, before, limit + 1);
    return toPage(rows, limit, (row) => [row.tick.toISOString()], presentTick);
  }

  private async versioned(row: ScheduleRow): Promise<VersionedSchedule> {
    const [last] = await listTicks(this.dataSource.manager, row.name, null, 1);
    return { version: row.version, body: this.present(row, last) };
  }

  private present(row: ScheduleRow, last: TickRow | undefined): ScheduleDto {
    const timezone = row.timezone ?? this.config.scheduleTimezone;
    const next = row.enabled ? nextTick(row.cron, timezone, new Date()) : null;
    return {
      name: row.name,
      summary: row.summary,
      cron: row.cron,
      timezone,
      enabled: row.enabled,
      next_tick: next?.toISOString() ?? null,
      last_tick: last ? presentTick(last) : null,
      updated_at: row.updated_at.toISOString(),
    };
  }
}

const settings = ({ cron, timezone, enabled }: ScheduleRow) => ({ cron, timezone, enabled });

function found(row: ScheduleRow | undefined): ScheduleRow {
  if (!row) throw new NotFoundError('Schedule');
  return row;
}

function presentTick(row: TickRow): TickDto {
  return {
    tick: row.tick.toISOString(),
    fired_at: row.fired_at.toISOString(),
    missed: row.missed,
    job_id: row.job_id,
    run_id: row.run_id,
    error: row.error,
  };
}

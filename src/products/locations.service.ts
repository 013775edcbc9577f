import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, IsNull } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { AuditService } from '../auth/index.ts';
import { isUniqueViolation } from '../platform/database/index.ts';
import {
  assertIfMatch,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  Page,
  Principal,
  toPage,
} from '../platform/http/index.ts';
import { Reads } from '../platform/reads/index.ts';
import type { LocationFields } from './catalogue.types.ts';
import { LocationDto } from './dto/location.dto.ts';
import { Location } from './entities/location.entity.ts';
import { decodeTextCursor } from './text-cursor.ts';

export interface LocationFilter {
  readonly pincode?: string;
  readonly city?: string;
  readonly region?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Who asks, and the locations they are limited to. */
type Caller = Pick<Principal, 'email' | 'locationIds'>;

/** The condition that a location exists and is the caller's to see; others are as if they were not there. */
function visible(locationId: string, caller: Caller) {
  const own = !caller.locationIds.length || caller.locationIds.includes(locationId);
  return { locationId: own ? locationId : In([]), deletedAt: IsNull() };
}

/** Locations as clients edit them; each change is audited. */
@Injectable()
export class LocationsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditService,
    private readonly reads: Reads,
  ) {}

  /** The caller's live locations by code. */
  list(filter: LocationFilter, caller: Caller): Promise<Page<LocationDto>> {
    return this.reads.read((manager) => listLocations(manager, filter, caller));
  }

  /** @throws NotFoundError */
  async get(locationId: string, caller: Caller): Promise<Location> {
    const location = await this.dataSource.manager.findOneBy(Location, visible(locationId, caller));
    if (!location) throw new NotFoundError('Location');
    return location;
  }

  /** @throws ForbiddenError for callers limited to some locations, ConflictError for a code in use */
  async create(fields: LocationFields, caller: Caller): Promise<Location> {
    if (caller.locationIds.length) throw new ForbiddenError('You are limited to your locations');
    return this.write(async (manager) => {
      const { identifiers } = await manager.insert(Location, { ...fields });
      const location = await manager.findOneByOrFail(Location, { id: identifiers[0].id as number });
      await this.record(manager, caller, 'location.created', null, location);
      return location;
    });
  }

  /** @throws NotFoundError, PreconditionFailedError, ConflictError for a code in use */
  async replace(
    locationId: string,
    fields: LocationFields,
    ifMatch: string | undefined,
    caller: Caller,
  ): Promise<Location> {
    return this.write(async (manager) => {
      const before = await this.lock(manager, locationId, ifMatch, caller);
      await manager.update(
        Location,
        { id: before.id },
        { ...fields, version: before.version + 1, updatedAt: () => 'clock_timestamp()' },
      );
      const after = await manager.findOneByOrFail(Location, { id: before.id });
      await this.record(manager, caller, 'location.updated', before, after);
      return after;
    });
  }

  /** Closes a location; its sales stay. @throws NotFoundError, PreconditionFailedError */
  async remove(locationId: string, ifMatch: string | undefined, caller: Caller): Promise<void> {
    await this.write(async (manager) => {
      const before = await this.lock(manager, locationId, ifMatch, caller);
      await manager.update(
        Location,
        { id: before.id },
        { deletedAt: () => 'now()', updatedAt: () => 'clock_timestamp()', version: before.version + 1 },
      );
      await this.record(manager, caller, 'location.deleted', before, null);
    });
  }

  private async lock(
    manager: EntityManager,
    locationId: string,
    ifMatch: string | undefined,
    caller: Caller,
  ): Promise<Location> {
    const location = await manager.findOne(Location, {
      where: visible(locationId, caller),
      lock: { mode: 'pessimistic_write' },
    });
    if (!location) throw new NotFoundError('Location');
    assertIfMatch(ifMatch, location);
    return location;
  }

  private async record(
    manager: EntityManager,
    caller: Caller,
    action: string,
    before: Location | null,
    after: Location | null,
  ): Promise<void> {
    await this.audit.record(
      {
        actor: caller.email,
        action,
        entity: 'location',
        entityId: (after ?? before)!.locationId,
        before: before && LocationDto.of(before),
        after: after && LocationDto.of(after),
      },
      manager,
    );
  }

  private async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction(work);
    } catch (error) {
      if (isUniqueViolation(error, 'locations_live_code')) throw new ConflictError('This code is in use', 'code');
      throw error;
    }
  }
}

async function listLocations(
  manager: EntityManager,
  filter: LocationFilter,
  caller: Caller,
): Promise<Page<LocationDto>> {
  const after = decodeTextCursor(filter.cursor);
  const query = manager.createQueryBuilder(Location, 'location').where('location.deletedAt IS NULL');
  if (caller.locationIds.length) query.andWhere('location.locationId IN (:...own)', { own: caller.locationIds });
  if (filter.pincode !== undefined) query.andWhere('location.pincode = :pincode', { pincode: filter.pincode });
  if (filter.city !== undefined) query.andWhere('location.city = :city', { city: filter.city });
  if (filter.region !== undefined) query.andWhere('location.region = :region', { region: filter.region });
  if (after) query.andWhere('(location.code, location.id) > (:text, CAST(:id AS bigint))', after);
  const rows = await query
    .orderBy('location.code')
    .addOrderBy('location.id')
    .limit(filter.limit + 1)
    .getMany();
  return toPage(rows, filter.limit, (row) => [row.code, row.id], LocationDto.of);
}

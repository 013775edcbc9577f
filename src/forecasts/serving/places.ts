import { Injectable } from '@nestjs/common';
import { ForbiddenError, NotFoundError, Principal } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { NO_LOCATION } from '../location-zero.ts';

/** A place as forecasts are stored and as clients name it; null stands for the sum over all places. */
export interface Place {
  readonly id: number;
  readonly locationId: string | null;
}

/** Which places a caller sees. A place outside them is answered like one that does not exist. */
@Injectable()
export class Places {
  constructor(private readonly catalogue: CatalogueService) {}

  /**
   * The one place a request is about; the sum over all places where it names none.
   * @throws NotFoundError for a place that is unknown or not the caller's, ForbiddenError for the sum over all places to
   * a caller who sees only some
   */
  async one(caller: Principal, locationId: string | undefined): Promise<Place> {
    if (locationId === undefined) {
      if (caller.locationIds.length)
        throw new ForbiddenError('You see some locations only: name one of them with location_id');
      return { id: NO_LOCATION, locationId: null };
    }
    const lowered = locationId.toLowerCase();
    if (caller.locationIds.length && !caller.locationIds.includes(lowered)) throw new NotFoundError('Location');
    const { id } = await this.catalogue.locationByPublicId(lowered);
    return { id, locationId: lowered };
  }

  /**
   * The places a list is about: the one named, else those of a pincode, else all the caller's, else the sum over all.
   * @throws NotFoundError for a place that is unknown or not the caller's
   */
  async several(caller: Principal, locationId: string | undefined, pincode?: string): Promise<Place[]> {
    if (locationId !== undefined) {
      const place = await this.one(caller, locationId);
      if (pincode === undefined) return [place];
      return (await this.visible(caller, pincode)).filter(({ id }) => id === place.id);
    }
    if (pincode === undefined && !caller.locationIds.length) return [{ id: NO_LOCATION, locationId: null }];
    return this.visible(caller, pincode);
  }

  private async visible(caller: Principal, pincode: string | undefined): Promise<Place[]> {
    return (await this.catalogue.allLiveLocations())
      .filter((location) => !caller.locationIds.length || caller.locationIds.includes(location.locationId))
      .filter((location) => pincode === undefined || location.pincode === pincode)
      .map(({ id, locationId }) => ({ id, locationId }));
  }
}

import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AvailabilityService } from '../forecasts/index.ts';
import { AllowRole, Caller, InvalidRequestError } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { CatalogueService } from '../products/index.ts';
import { dayOf } from '../signals/index.ts';
import { AvailabilityDayDto, AvailabilityDto, AvailabilityQuery } from './dto/availability.dto.ts';
import { visibleLocations } from './visible-locations.ts';

const MOST_DAYS = 366;

/** Whether something could be bought, day by day. */
@ApiTags('inventory')
@ApiBearerAuth()
@Controller('inventory/availability')
@AllowRole('planner')
export class AvailabilityController {
  constructor(
    private readonly availability: AvailabilityService,
    private readonly catalogue: CatalogueService,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'What each day of a product at a place was: sold, without a sale, out of stock, closed, not listed or unknown',
    description: 'Stockouts, closed and silent days are found once a day, for the last three months.',
  })
  async days(@Query() query: AvailabilityQuery, @Caller() caller: Principal): Promise<AvailabilityDto> {
    const { from, to } = query;
    if (from > to) throw new InvalidRequestError('from', 'lies after to');
    if (dayOf(to) - dayOf(from) >= MOST_DAYS)
      throw new InvalidRequestError('to', `lies more than ${MOST_DAYS} days on`);
    const product = await this.catalogue.productByPublicId(query.product_id);
    const [location] = visibleLocations(await this.catalogue.allLiveLocations(), caller, query.location_id);
    const days = await this.availability.days(product.id, location.id, from, to);
    return {
      product_id: product.productId,
      location_id: location.locationId,
      days: days.map((day) => AvailabilityDayDto.of(day)),
    };
  }
}

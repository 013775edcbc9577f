import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  AllowCatalogueRead,
  AllowRole,
  answerVersioned,
  Caller,
  etagOf,
  PublicId,
  Idempotent,
} from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { LocationDto, locationFields, LocationPageDto, LocationsQuery, WriteLocationDto } from './dto/location.dto.ts';
import { LocationsService } from './locations.service.ts';

/** The places where products are sold. Callers limited to some of them see only those. */
@ApiTags('locations')
@ApiBearerAuth()
@Controller('locations')
@AllowRole('planner')
export class LocationsController {
  constructor(private readonly locations: LocationsService) {}

  @Get()
  @AllowCatalogueRead()
  @ApiOperation({ summary: 'Locations by code' })
  async list(@Query() query: LocationsQuery, @Caller() caller: Principal): Promise<LocationPageDto> {
    return this.locations.list(query, caller);
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Add a location' })
  async create(
    @Body() body: WriteLocationDto,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LocationDto> {
    const location = await this.locations.create(locationFields(body), caller);
    reply.header('location', `/api/v1/locations/${location.locationId}`).header('etag', etagOf(location));
    return LocationDto.of(location);
  }

  @Get(':id')
  @AllowCatalogueRead()
  @ApiOkResponse({ type: LocationDto })
  @ApiResponse({ status: 304, description: 'The copy named in If-None-Match is still good' })
  @ApiOperation({ summary: 'One location; 304 if the client has it already' })
  async get(
    @PublicId() id: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LocationDto | undefined> {
    return answerVersioned(await this.locations.get(id, caller), ifNoneMatch, reply, LocationDto.of);
  }

  @Put(':id')
  @Idempotent()
  @ApiOperation({ summary: 'Replace a location; fields left out take their defaults' })
  async replace(
    @PublicId() id: string,
    @Body() body: WriteLocationDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LocationDto> {
    const location = await this.locations.replace(id, locationFields(body), ifMatch, caller);
    reply.header('etag', etagOf(location));
    return LocationDto.of(location);
  }

  @Delete(':id')
  @Idempotent()
  @HttpCode(204)
  @ApiOperation({ summary: 'Close a location; its history stays' })
  async remove(
    @PublicId() id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
  ): Promise<void> {
    await this.locations.remove(id, ifMatch, caller);
  }
}

import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNumber, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { IfPresent, isTimezone, PageQuery, Text } from '../../platform/http/index.ts';
import type { LocationFields } from '../catalogue.types.ts';
import type { Location } from '../entities/location.entity.ts';

const FINITE = { allowNaN: false, allowInfinity: false } as const;

/** A location as a client writes it. A field left out takes its default, on PUT as well. */
export class WriteLocationDto {
  @Text(1, 200)
  code: string;

  @Text(1, 200)
  name: string;

  /** Text, since leading zeros count. */
  @ApiPropertyOptional({ type: String, nullable: true, default: null })
  @IsOptional()
  @Text(1, 20)
  pincode?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, default: null })
  @IsOptional()
  @Text(1, 200)
  city?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, default: null })
  @IsOptional()
  @Text(1, 200)
  region?: string | null;

  @ApiPropertyOptional({ type: Number, nullable: true, minimum: -90, maximum: 90, default: null })
  @IsOptional()
  @IsNumber(FINITE)
  @Min(-90)
  @Max(90)
  latitude?: number | null;

  @ApiPropertyOptional({ type: Number, nullable: true, minimum: -180, maximum: 180, default: null })
  @IsOptional()
  @IsNumber(FINITE)
  @Min(-180)
  @Max(180)
  longitude?: number | null;

  /** IANA name. */
  @ApiPropertyOptional({ type: String, default: 'Asia/Kolkata' })
  @IfPresent()
  @ValidateBy({
    name: 'isTimezone',
    validator: { validate: isTimezone, defaultMessage: () => '$property must be an IANA time zone' },
  })
  timezone?: string;
}

/** The fields of a body, with the defaults of those left out. */
export function locationFields(body: WriteLocationDto): LocationFields {
  return {
    code: body.code,
    name: body.name,
    pincode: body.pincode ?? null,
    city: body.city ?? null,
    region: body.region ?? null,
    latitude: body.latitude ?? null,
    longitude: body.longitude ?? null,
    timezone: body.timezone ?? 'Asia/Kolkata',
  };
}

/** Filters of the location list. */
export class LocationsQuery extends PageQuery {
  @IsOptional()
  @Text(1, 20)
  pincode?: string;

  @IsOptional()
  @Text(1, 200)
  city?: string;

  @IsOptional()
  @Text(1, 200)
  region?: string;
}

/** A location. */
export class LocationDto {
  @ApiProperty({ format: 'uuid' }) location_id: string;
  @ApiProperty() code: string;
  @ApiProperty() name: string;
  @ApiProperty({ type: String, nullable: true }) pincode: string | null;
  @ApiProperty({ type: String, nullable: true }) city: string | null;
  @ApiProperty({ type: String, nullable: true }) region: string | null;
  @ApiProperty({ type: Number, nullable: true }) latitude: number | null;
  @ApiProperty({ type: Number, nullable: true }) longitude: number | null;
  @ApiProperty() timezone: string;

  static of(location: Location): LocationDto {
    return {
      location_id: location.locationId,
      code: location.code,
      name: location.name,
      pincode: location.pincode,
      city: location.city,
      region: location.region,
      latitude: location.latitude,
      longitude: location.longitude,
      timezone: location.timezone,
    };
  }
}

/** A page of locations, by code. */
export class LocationPageDto {
  @ApiProperty({ type: [LocationDto] }) items: LocationDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

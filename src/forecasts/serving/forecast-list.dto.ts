import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { IfPresent, PageQuery, Text } from '../../platform/http/index.ts';
import { IsCivilDate } from '../../signals/index.ts';
import { ForecastPointDto } from './series-forecast.dto.ts';

/** Which forecasts to list. */
export class ForecastListQuery extends PageQuery {
  @IfPresent()
  @Text(1, 200)
  category?: string;

  @IfPresent()
  @IsUUID()
  location_id?: string;

  @IfPresent()
  @Text(1, 20)
  pincode?: string;

  /** One day; the same as `from` and `to` of that day. */
  @IfPresent()
  @IsCivilDate()
  date?: string;

  @IfPresent()
  @IsCivilDate()
  from?: string;

  @IfPresent()
  @IsCivilDate()
  to?: string;
}

/** Forecast of one product at one place on one day. */
export class ForecastListItemDto extends ForecastPointDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty() name: string;
  @ApiProperty() category: string;
  /** Null for the sum over the locations. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) location_id: string | null;
  @ApiProperty({ format: 'uuid' }) run_id: string;
  @ApiProperty() model_version: string;
  @ApiProperty({ format: 'date-time' }) generated_at: string;
}

/** One page of forecasts. */
export class ForecastPageDto {
  @ApiProperty({ type: [ForecastListItemDto] }) items: ForecastListItemDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

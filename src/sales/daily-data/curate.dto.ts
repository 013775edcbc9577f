import { IsISO8601, Matches } from 'class-validator';
import { IfPresent } from '../../platform/http/index.ts';

const DAY = /^(19[7-9]\d|2\d{3})-\d{2}-\d{2}$/;

/** Which days to bring the curated files up to date for; without them the latest weeks of sales. */
export class CurateDto {
  /** First day; the files of the days of its whole month are looked at. */
  @IfPresent()
  @Matches(DAY, { message: 'from must be a day written yyyy-mm-dd' })
  @IsISO8601({ strict: true }, { message: 'from must be an existing day' })
  from?: string;

  /** Last day; the files of the days of its whole month are looked at. */
  @IfPresent()
  @Matches(DAY, { message: 'to must be a day written yyyy-mm-dd' })
  @IsISO8601({ strict: true }, { message: 'to must be an existing day' })
  to?: string;
}

import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AppError, Public } from '../http/index.ts';

/** The process answers. */
export class LiveDto {
  @ApiProperty({ enum: ['ok'] }) status: 'ok';
}

/** The process can do its work. */
export class ReadyDto {
  @ApiProperty({ enum: ['ok'] }) status: 'ok';
  /** Last complete day of sales loaded; null before the first load. */
  @ApiProperty({ type: String, format: 'date', nullable: true }) business_date: string | null;
}

/** Liveness and readiness for load balancers. */
@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
@Public()
export class HealthController {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process answers' })
  live(): LiveDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the database answers, and the business date' })
  async ready(): Promise<ReadyDto> {
    try {
      const [row] = await this.dataSource.query<{ business_date: string | null }[]>(
        `SELECT business_date FROM data_clock`,
      );
      return { status: 'ok', business_date: row?.business_date ?? null };
    } catch {
      throw new AppError(503, 'NOT_READY', 'The database is not reachable right now', [], { 'retry-after': '5' });
    }
  }
}

import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { AllowRole } from '../http/index.ts';
import { metrics } from './metrics.ts';

/** Metrics of the API process for a scraper with an administrator's token. */
@ApiTags('health')
@Controller('metrics')
@AllowRole('admin')
export class MetricsController {
  @Get()
  @ApiOperation({ summary: 'Metrics of this process in the Prometheus text format' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @Header('content-type', metrics.contentType)
  read(): Promise<string> {
    return metrics.metrics();
  }
}

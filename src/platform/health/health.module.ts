import { Module } from '@nestjs/common';
import { MetricsController } from '../metrics/metrics.controller.ts';
import { HealthController } from './health.controller.ts';

/** `/health/live`, `/health/ready` and `/metrics`. */
@Module({ controllers: [HealthController, MetricsController] })
export class HealthModule {}

import { Module, OnApplicationShutdown } from '@nestjs/common';
import { stopTracing } from './tracing.ts';

/** Sends the last spans while the process ends. */
@Module({})
export class TracingModule implements OnApplicationShutdown {
  onApplicationShutdown(): Promise<void> {
    return stopTracing();
  }
}

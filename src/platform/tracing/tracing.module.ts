import { Global, Module, OnApplicationShutdown } from '@nestjs/common';
import { stopTracing } from './tracing.ts';

/**
 * Sends the last spans while the process ends. Global and imported before all others, so that it ends after them: jobs and
 * requests end their spans while the queues and the server close.
 */
@Global()
@Module({})
export class TracingModule implements OnApplicationShutdown {
  onApplicationShutdown(): Promise<void> {
    return stopTracing();
  }
}

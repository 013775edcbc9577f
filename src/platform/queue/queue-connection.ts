import { Global, Inject, Injectable, Module, OnApplicationShutdown } from '@nestjs/common';
import type { QueueOptions } from 'bullmq';
import { Cluster } from 'ioredis';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { queueConnection } from './queue-backend.ts';

/** What the queues and workers of a process connect by, and the end of it where they share it: they leave that open. */
@Injectable()
export class QueueConnection implements OnApplicationShutdown {
  readonly options: QueueOptions['connection'];

  constructor(@Inject(APP_CONFIG) config: AppConfig) {
    this.options = queueConnection(config);
  }

  onApplicationShutdown(): void {
    if (this.options instanceof Cluster) this.options.disconnect();
  }
}

/** Global modules end last, when queues and workers have been closed. */
@Global()
@Module({ providers: [QueueConnection], exports: [QueueConnection] })
export class QueueConnectionModule {}

import { BullModule } from '@nestjs/bullmq';
import { DynamicModule, Global, Module, OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AlertsModule } from '../alerts/index.ts';
import { queueTelemetry } from '../tracing/index.ts';
import { JobProcessor } from './job-processor.ts';
import { Job } from './job.entity.ts';
import { JobsService } from './jobs.service.ts';
import { QueueConnection, QueueConnectionModule } from './queue-connection.ts';
import { observeQueuesOnRead } from './queue-metrics.ts';
import { QUEUE_NAMES } from './queues.ts';
import { JobSweeper } from './sweeper.ts';

/** Before the keys of all queues. Its tag keeps them in one slot of a cluster, since each script uses several. */
const KEY_PREFIX = '{shelfcast}';

const PROCESSOR_METADATA = 'bullmq:processor_metadata';

/** Refuses to start a worker unless every queue has exactly one processor. */
class ProcessorCheck implements OnApplicationBootstrap {
  constructor(private readonly discovery: DiscoveryService) {}

  onApplicationBootstrap(): void {
    const counts = new Map<string, number>(QUEUE_NAMES.map((name) => [name, 0]));
    for (const { instance } of this.discovery.getProviders()) {
      if (!(instance instanceof JobProcessor)) continue;
      const { name } = Reflect.getMetadata(PROCESSOR_METADATA, instance.constructor) as { name: string };
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const wrong = [...counts].filter(([, count]) => count !== 1).map(([name, count]) => `${name} has ${count}`);
    if (wrong.length) throw new Error(`Every queue needs exactly one processor: ${wrong.join(', ')}`);
  }
}

/** Lets the API's metrics tell how the queues stand. */
class QueueReadings implements OnModuleInit, OnModuleDestroy {
  private end: () => void = () => undefined;

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.end = observeQueuesOnRead(this.dataSource);
  }

  onModuleDestroy(): void {
    this.end();
  }
}

/** Queues, jobs and what keeps them honest. `forWorker` also sweeps and checks processors. */
@Global()
@Module({})
export class QueueModule {
  static forApi(): DynamicModule {
    const base = QueueModule.base();
    return {
      ...base,
      providers: [
        ...(base.providers ?? []),
        {
          provide: QueueReadings,
          inject: [getDataSourceToken()],
          useFactory: (dataSource: DataSource) => new QueueReadings(dataSource),
        },
      ],
    };
  }

  static forWorker(): DynamicModule {
    const base = QueueModule.base();
    return {
      ...base,
      imports: [...(base.imports ?? []), ScheduleModule.forRoot(), DiscoveryModule],
      providers: [
        ...(base.providers ?? []),
        JobSweeper,
        {
          provide: ProcessorCheck,
          inject: [DiscoveryService],
          useFactory: (discovery: DiscoveryService) => new ProcessorCheck(discovery),
        },
      ],
    };
  }

  private static base(): DynamicModule {
    return {
      module: QueueModule,
      imports: [
        TypeOrmModule.forFeature([Job]),
        AlertsModule.forWorker(),
        BullModule.forRootAsync({
          imports: [QueueConnectionModule],
          inject: [QueueConnection],
          useFactory: ({ options }: QueueConnection) => ({
            connection: options,
            prefix: KEY_PREFIX,
            telemetry: queueTelemetry(),
          }),
        }),
        BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name }))),
      ],
      providers: [JobsService],
      exports: [JobsService],
    };
  }
}

// A worker of its own process whose steps take as long and go as wrong as the input of the run says.
// Plain JavaScript on the compiled build, so that it can be started, stopped and killed like the real one.
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { ConfigModule, loadConfig } from '../../dist/src/platform/config/index.js';
import { DatabaseModule } from '../../dist/src/platform/database/index.js';
import { QUEUE_NAMES, QueueModule, QueueProcessor, QUEUES } from '../../dist/src/platform/queue/index.js';
import { runInThread } from '../../dist/src/platform/threads/index.js';
import { StepProcessor, WorkflowModule } from '../../dist/src/platform/workflow/index.js';

const TIMEOUT_MS = 2_000;
// The queues' own settings count in minutes and seconds.
for (const queue of QUEUE_NAMES) Object.assign(QUEUES[queue], { timeoutMs: TIMEOUT_MS, backoffMs: 50 });

async function work(context, dataSource) {
  const { input, step, shard, attempt, runId } = context;
  // Outside the transaction of the success: what a step does that knows nothing of attempts.
  await dataSource.query(`INSERT INTO begun (run_id, step, shard) VALUES ($1, $2, $3)`, [runId, step, shard.index]);
  context.onSuccess((manager) =>
    manager.query(`INSERT INTO effects (run_id, step, shard, attempt) VALUES ($1, $2, $3, $4)`, [
      runId,
      step,
      shard.index,
      attempt,
    ]),
  );
  const poison = input.poison?.[shard.index];
  if (step === 'double' && poison === 'throws') throw new Error('poison');
  if (step === 'double' && poison)
    await runInThread(new URL('./poison.thread.mjs', import.meta.url), poison, {
      signal: context.signal,
      maxHeapMegabytes: 32,
    });
  // Deaf to its signal, as a worker is that has been stopped or cut off.
  await sleep(input.stepMs ?? 0);
  if (step === 'split')
    return { output: { count: input.numbers.length }, shards: input.numbers.map((value) => ({ value })) };
  if (step === 'double') return { output: { doubled: shard.descriptor.value * 2, attempt } };
  const doubled = context.outputs('double').map((output) => output.doubled);
  return { output: { sum: doubled.reduce((sum, value) => sum + value, 0) } };
}

function stepsOf(queue) {
  class Steps extends StepProcessor {
    constructor(dataSource) {
      super(dataSource);
      this.perform = (context) => work(context, dataSource);
    }
  }
  Reflect.defineMetadata('design:paramtypes', [DataSource], Steps);
  InjectDataSource()(Steps, undefined, 0);
  Injectable()(Steps);
  QueueProcessor(queue)(Steps);
  return Steps;
}

class Root {}
Module({
  imports: [
    ConfigModule.forRoot(loadConfig()),
    DatabaseModule.forRoot('shelfcast-worker'),
    QueueModule.forWorker(),
    WorkflowModule.forWorker(),
  ],
  providers: QUEUE_NAMES.map(stepsOf),
})(Root);

const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
app.enableShutdownHooks();
process.once('disconnect', () => process.exit());
process.send?.('ready');

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Query, StreamableFile } from '@nestjs/common';
import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InjectDataSource } from '@nestjs/typeorm';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import supertest from 'supertest';
import { DataSource } from 'typeorm';
import { AppConfig, ConfigModule, loadConfig } from '../../src/platform/config/index.ts';
import { DatabaseModule } from '../../src/platform/database/index.ts';
import { createApp } from '../../src/platform/http/create-app.ts';
import { MayTakeLonger, TakesBytes } from '../../src/platform/http/index.ts';
import { metrics } from '../../src/platform/metrics/metrics.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

/** Longer than any test waits, so that what ends did not end by itself. */
const NAP_SECONDS = 300;

const LIMIT_SECONDS = 2;

let database: TestDatabase;
let dataDir: string;
let app: NestFastifyApplication;
let dataSource: DataSource;
let http: ReturnType<typeof supertest>;

/** What the handlers below came to after their request had been answered. */
let aftermath: string[];

@Controller('slow')
class SlowController {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @Get('statement')
  statement(): Promise<unknown> {
    return this.dataSource.query(`SELECT pg_sleep(${NAP_SECONDS}) AS nap`);
  }

  @Post('write')
  async write(): Promise<void> {
    try {
      await this.dataSource.transaction(async (manager) => {
        await manager.query(`INSERT INTO napped VALUES ('before')`);
        await manager.query(`SELECT pg_sleep(${NAP_SECONDS}) AS nap`);
      });
    } catch (error) {
      aftermath.push((error as { code: string }).code);
    }
    await this.dataSource.query(`INSERT INTO napped VALUES ('after')`).catch((error: { code: string }) => {
      aftermath.push(error.code);
    });
  }

  @Get('elsewhere')
  async elsewhere(): Promise<string> {
    await sleep(2_000 * LIMIT_SECONDS);
    aftermath.push('done');
    return 'too late';
  }

  @Get('export')
  @MayTakeLonger(({ format }) => format === 'csv')
  export(@Query('format') _format: string): Promise<unknown> {
    return this.dataSource.query(`SELECT pg_sleep(${2 * LIMIT_SECONDS}), 'whole' AS answer`);
  }

  @Get('download')
  download(): StreamableFile {
    const lines = async function* () {
      for (let line = 0; line < 5; line++) {
        yield `${line}\n`;
        await sleep(400 * LIMIT_SECONDS);
      }
    };
    return new StreamableFile(Readable.from(lines()), { type: 'text/plain' });
  }

  @Post('body')
  body(@Body() body: object): object {
    return body;
  }

  @Post('bytes')
  @TakesBytes(10_000)
  bytes(): Promise<unknown> {
    return this.dataSource.query(`SELECT pg_sleep(${NAP_SECONDS}) AS nap`);
  }
}

function testModule(config: AppConfig) {
  @Module({
    imports: [ConfigModule.forRoot(config), DatabaseModule.forRoot('shelfcast-test')],
    controllers: [SlowController],
  })
  class TestModule {}
  return TestModule;
}

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'shelfcast-deadline-'));
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    REQUEST_TIMEOUT_SECONDS: String(LIMIT_SECONDS),
  });
  app = await createApp(testModule(config), config);
  await app.listen(0, '127.0.0.1');
  dataSource = app.get(DataSource);
  http = supertest(await app.getUrl());
  await database.client.query('CREATE TABLE napped (step text)');
});
afterAll(async () => {
  await app.close();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  aftermath = [];
});

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) if (await holds()) return;
  throw new Error(`It never came about that ${what}`);
}

/** Statements that sleep on the server at this moment. */
async function naps(): Promise<number> {
  const { rows } = await database.client.query<{ naps: number }>(
    `SELECT count(*)::int AS naps FROM pg_stat_activity
     WHERE datname = current_database() AND state = 'active' AND query LIKE '%AS nap' AND pid <> pg_backend_pid()`,
  );
  return rows[0].naps;
}

describe('a request that takes too long', () => {
  afterEach(async () => until('nothing sleeps', async () => (await naps()) === 0));

  it('is answered with 504, and its statement ends on the server', async () => {
    const answer = http.get('/api/v1/slow/statement').then((response) => response);
    await until('it sleeps', async () => (await naps()) === 1);
    const { status, body, headers } = await answer;
    expect(status).toBe(504);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(body).toMatchObject({
      status: 504,
      code: 'REQUEST_TIMEOUT',
      title: 'Gateway Timeout',
      detail: `The request took longer than ${LIMIT_SECONDS} seconds`,
      instance: '/api/v1/slow/statement',
      correlation_id: headers['x-correlation-id'],
    });
    await until('the statement has been cancelled', async () => (await naps()) === 0);
    const counted =
      /^http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/slow\/statement",status="504"\} 1$/m;
    await until('it is counted', async () => counted.test(await metrics.metrics()));
  });

  it('ends its statement also where nobody waits for the answer any more', async () => {
    const { port } = new URL(await app.getUrl());
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /api/v1/slow/statement HTTP/1.1\r\nhost: x\r\n\r\n');
    await until('it sleeps', async () => (await naps()) === 1);
    socket.destroy();
    await until('the statement has been cancelled', async () => (await naps()) === 0);
    await http.post('/api/v1/slow/body').send({ a: 1 }).expect(201, { a: 1 });
  });

  it('gives its connection back, also where all of them slept', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await http.get('/api/v1/slow/statement')).status),
    );
    expect(new Set(statuses)).toEqual(new Set([504]));
    await until('nothing sleeps', async () => (await naps()) === 0);
    for (let i = 0; i < 40; i++) expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('writes nothing of what it began, and begins nothing more', async () => {
    await http.post('/api/v1/slow/write').expect(504);
    await until('the handler has ended', () => aftermath.length === 2);
    expect(aftermath).toEqual(['57014', 'REQUEST_TIMEOUT']);
    expect((await database.client.query('SELECT * FROM napped')).rows).toEqual([]);
  });

  it('is answered once, whatever its handler comes to', async () => {
    const { status, body } = await http.get('/api/v1/slow/elsewhere');
    expect({ status, code: body.code }).toEqual({ status: 504, code: 'REQUEST_TIMEOUT' });
    await until('the handler has ended', () => aftermath.length === 1);
    await http.post('/api/v1/slow/body').send({ a: 1 }).expect(201, { a: 1 });
  });

  it('has its time from when its body has come, where that may be large', async () => {
    const answer = http.post('/api/v1/slow/bytes').set('content-type', 'application/json').send('{}');
    expect((await answer).status).toBe(504);
  });

  it('is told that it did not come, where it does not, and is hung up on', async () => {
    const { port } = new URL(await app.getUrl());
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      'POST /api/v1/slow/body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a"',
    );
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain(`did not come within ${LIMIT_SECONDS} seconds`);
    await http.post('/api/v1/slow/body').send({ a: 1 }).expect(201, { a: 1 });
  });
});

describe('no time limit ends', () => {
  it('what may take longer', async () => {
    await http.get('/api/v1/slow/export?format=json').expect(504);
    const { body } = await http.get('/api/v1/slow/export?format=csv').expect(200);
    expect(body).toMatchObject([{ answer: 'whole' }]);
  });

  it('an answer that has begun', async () => {
    const { text } = await http.get('/api/v1/slow/download').expect(200);
    expect(text).toBe('0\n1\n2\n3\n4\n');
  });
});

import 'reflect-metadata';
import { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import supertest from 'supertest';
import { AppModule } from '../../src/app.module.ts';
import { AppConfig, loadConfig } from '../../src/platform/config/index.ts';
import { createApp } from '../../src/platform/http/create-app.ts';
import { JsonLogger } from '../../src/platform/logging/logger.ts';
import { WorkerModule } from '../../src/worker.module.ts';
import { assertContract } from './api-contract.ts';
import { asUser, createTestDatabase, forWorker, TestDatabase } from './test-database.ts';
import { startTestRedis, wantedRedis } from './test-redis.ts';

export const ADMIN = { email: 'admin@example.test', password: 'correct horse battery' };

/** The API of one test file on a database of its own, with a signed-in administrator. */
export interface TestApi {
  readonly app: NestFastifyApplication;
  readonly config: AppConfig;
  readonly database: TestDatabase;
  /** Client without credentials; each answer is checked against the OpenAPI document. */
  readonly http: ReturnType<typeof supertest>;
  /** Access token of the administrator. */
  readonly adminToken: string;
  /** Signs a user in and answers the access token. */
  signIn(email: string, password: string): Promise<string>;
  /** Creates a user of a role and answers its access token. */
  tokenOf(role: 'admin' | 'planner' | 'viewer', locationIds?: string[]): Promise<string>;
  /** Starts another API on the same database, with other variables. It goes with this one, if it has not been stopped. */
  beside(environment?: Record<string, string>): Promise<ApiBeside>;
  stop(): Promise<void>;
}

/** A further API beside the one of a test file. */
export type ApiBeside = Pick<TestApi, 'app' | 'config' | 'http' | 'stop'>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;

/** A client whose every answer is checked against the committed OpenAPI document. */
function contractClient(origin: string): ReturnType<typeof supertest> {
  const client = supertest(origin);
  for (const method of METHODS) {
    const send = client[method].bind(client);
    client[method] = (url: string) =>
      send(url).expect((response) => assertContract(method.toUpperCase(), url, response));
  }
  return client;
}

async function startProcess(variables: Record<string, string>): Promise<ApiBeside> {
  const config = loadConfig(variables);
  const app = await createApp(AppModule.forRoot(config), config);
  await app.listen(0, '127.0.0.1');
  let stopped: Promise<void> | undefined;
  return { app, config, http: contractClient(await app.getUrl()), stop: () => (stopped ??= app.close()) };
}

/**
 * Starts the API in this process, with the rights on the database that it has in service.
 * @param environment overrides the variables a test is about
 * @param databaseUrl another way to the same database
 */
export async function startApi(
  environment: Record<string, string> = {},
  databaseUrl: (url: string) => string = (url) => url,
): Promise<TestApi> {
  const database = await createTestDatabase();
  const redis = wantedRedis && environment.REDIS_URL === undefined ? await startTestRedis() : null;
  const dataDir = mkdtempSync(join(tmpdir(), 'shelfcast-api-'));
  const variables = {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl(asUser(database.url, 'api')),
    ...(redis ? { REDIS_URL: redis.url } : {}),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LOGIN_ATTEMPTS_PER_MINUTE: '10000',
    RATE_LIMIT_PER_MINUTE: '1000000',
    // The calendar holds what a test puts there.
    HOLIDAY_COUNTRY: 'none',
    ...environment,
  };
  const { app, config, http } = await startProcess(variables);
  const others: ApiBeside[] = [];
  const signIn = async (email: string, password: string): Promise<string> => {
    const { body } = await http.post('/api/v1/auth/login').send({ email, password }).expect(200);
    return body.access_token as string;
  };
  const adminToken = await signIn(ADMIN.email, ADMIN.password);
  let users = 0;
  return {
    app,
    config,
    database,
    http,
    adminToken,
    signIn,
    tokenOf: async (role, locationIds = []) => {
      const email = `${role}-${++users}@example.test`;
      const password = 'a long enough passphrase';
      await http
        .post('/api/v1/users')
        .set('authorization', `Bearer ${adminToken}`)
        .send({ email, password, role, location_ids: locationIds })
        .expect(201);
      return signIn(email, password);
    },
    beside: async (changes = {}) => {
      const other = await startProcess({ ...variables, ...changes });
      others.push(other);
      return other;
    },
    stop: async () => {
      for (const other of others) await other.stop();
      await app.close();
      await redis?.stop();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Starts a worker in this process on the same servers as an API, with the rights that workers have. */
export async function startWorker(config: AppConfig): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(WorkerModule.forRoot(forWorker(config)), {
    logger: new JsonLogger('silent', 'worker'),
    abortOnError: false,
  });
}

/** A job as `GET /jobs/{id}` answers it. */
export interface EndedJob {
  readonly id: string;
  readonly kind: string;
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly progress: { readonly percent: number; readonly step: string; readonly message: string };
  readonly result: Record<string, unknown> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Waits until a job has ended and answers it. */
export async function jobEnd(
  api: Pick<TestApi, 'http' | 'adminToken'>,
  jobId: string,
  timeoutMs = 90_000,
): Promise<EndedJob> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(100)) {
    const { body } = await api.http
      .get(`/api/v1/jobs/${jobId}`)
      .set('authorization', `Bearer ${api.adminToken}`)
      .expect(200);
    if (['succeeded', 'failed', 'cancelled'].includes(body.state as string)) return body;
  }
  throw new Error(`Job ${jobId} did not end in ${timeoutMs} ms`);
}

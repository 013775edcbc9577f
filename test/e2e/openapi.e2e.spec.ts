import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ModulesContainer } from '@nestjs/core';
import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi, TestApi } from '../support/test-app.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { readonly summary?: string; readonly tags?: string[] }>>;
}

const committed = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;
const operations = Object.entries(committed.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

describe('the OpenAPI document', () => {
  let api: TestApi;
  let built: ChildProcess;
  let origin: string;

  beforeAll(async () => {
    api = await startApi();
    // The build, since its Swagger plugin reads the types that tests run without.
    built = fork('dist/src/main.js', [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: api.database.url,
        DATA_DIR: mkdtempSync(join(tmpdir(), 'shelfcast-built-')),
        PORT: '0',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'error',
      },
    });
    const [{ url }] = (await once(built, 'message')) as [{ url: string }];
    origin = url;
  });

  afterAll(async () => {
    built.kill('SIGTERM');
    await once(built, 'exit');
    await api.stop();
  });

  it('is served as it is committed; after a change run `npm run openapi`', async () => {
    const served = (await (await fetch(`${origin}/openapi.json`)).json()) as Document;
    expect(served).toEqual(committed);
    expect(served.openapi).toBe('3.1.0');
  });

  it('is served with a reader, and the start page, to anybody', async () => {
    for (const path of ['/docs', '/', '/start.js', '/start.css', '/health/live', '/health/ready']) {
      expect({ path, status: (await fetch(origin + path)).status }).toEqual({ path, status: 200 });
    }
  });

  it('names a route the server has for each operation', () => {
    const fastify = api.app.getHttpAdapter().getInstance();
    const absent = operations.filter(
      ({ path, method }) => !fastify.hasRoute({ method: method as 'GET', url: path.replace(/\{([^}]+)\}/g, ':$1') }),
    );
    expect(absent).toEqual([]);
  });

  it('has an operation for each route of the controllers', () => {
    const handlers = [...api.app.get(ModulesContainer).values()].flatMap(({ controllers }) =>
      [...controllers.values()].flatMap(({ metatype }) => {
        const prototype = (metatype as { prototype: Record<string, object> }).prototype;
        return Object.getOwnPropertyNames(prototype)
          .filter((name) => name !== 'constructor' && Reflect.hasMetadata('path', prototype[name]))
          .map((name) => `${(metatype as { name: string }).name}.${name}`);
      }),
    );
    expect(operations).toHaveLength(handlers.length);
  });

  it('tells what each operation does', () => {
    expect(operations.filter(({ operation }) => !operation.summary || !operation.tags?.length)).toEqual([]);
  });
});

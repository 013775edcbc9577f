import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from './index.ts';

const base = {
  JWT_SECRET: 'x'.repeat(32),
  DATABASE_URL: 'postgres://shelfcast@db.example:5432/shelfcast?sslmode=verify-full',
};

describe('configuration', () => {
  it('puts passwords that are given apart into the addresses, whatever they hold', () => {
    const password = 'a%b/@:? é';
    const config = loadConfig({
      ...base,
      DATABASE_REPLICA_URLS: 'postgres://reader@one.example/shelfcast, postgres://reader@two.example/shelfcast',
      DATABASE_PASSWORD: password,
      REDIS_URL: 'rediss://cache.example:6379',
      REDIS_PASSWORD: password,
    });
    const urls = [config.database.url, ...config.database.replicaUrls, ...(config.redis?.urls ?? [])].map(
      (url) => new URL(url),
    );
    expect(urls.map((url) => decodeURIComponent(url.password))).toEqual([password, password, password, password]);
    expect(urls.map((url) => url.hostname)).toEqual(['db.example', 'one.example', 'two.example', 'cache.example']);
    expect(urls[0].username).toBe('shelfcast');
    expect(urls[0].searchParams.get('sslmode')).toBe('verify-full');
  });

  it('leaves addresses alone without such passwords', () => {
    const config = loadConfig({ ...base, REDIS_URL: 'redis://:word@cache.example:6379' });
    expect(config.database.url).toBe(base.DATABASE_URL);
    expect(config.redis).toEqual({ urls: ['redis://:word@cache.example:6379'], cluster: false });
  });

  it('refuses two passwords for one address, and names neither', () => {
    const twice = {
      ...base,
      DATABASE_URL: 'postgres://shelfcast:inside@db.example/shelfcast',
      DATABASE_PASSWORD: 'outside',
    };
    expect(() => loadConfig(twice)).toThrow(ConfigError);
    expect(() => loadConfig(twice)).toThrow(/^DATABASE_PASSWORD: DATABASE_URL holds a password already$/);
  });

  it('reads the secret that is accepted beside the one that signs, if there is one', () => {
    expect(loadConfig(base).auth.previousJwtKey).toBeNull();
    expect(loadConfig({ ...base, JWT_SECRET_PREVIOUS: '' }).auth.previousJwtKey).toBeNull();
    const previous = loadConfig({ ...base, JWT_SECRET_PREVIOUS: 'y'.repeat(32) }).auth.previousJwtKey;
    expect(previous?.export().toString()).toBe('y'.repeat(32));
  });

  it('refuses a previous secret that is short, or the current one, and shows neither', () => {
    expect(() => loadConfig({ ...base, JWT_SECRET_PREVIOUS: 'short' })).toThrow(/^JWT_SECRET_PREVIOUS: (?!.*"short")/);
    expect(() => loadConfig({ ...base, JWT_SECRET_PREVIOUS: base.JWT_SECRET })).toThrow(
      /^JWT_SECRET_PREVIOUS: must differ from JWT_SECRET$/,
    );
  });

  it('gives requests half a minute, or what it is told to', () => {
    expect(loadConfig(base).http.requestTimeoutMs).toBe(30_000);
    expect(loadConfig({ ...base, REQUEST_TIMEOUT_SECONDS: '90' }).http.requestTimeoutMs).toBe(90_000);
    expect(() => loadConfig({ ...base, REQUEST_TIMEOUT_SECONDS: '0' })).toThrow(/^REQUEST_TIMEOUT_SECONDS: /);
  });

  it('takes several addresses, or one that is said to be, for nodes of a cluster, each with the password', () => {
    const REDIS_URL = 'rediss://one.example:6379, rediss://two.example:6380/0';
    const { redis, cacheRedis } = loadConfig({ ...base, REDIS_URL, REDIS_PASSWORD: 'word' });
    const urls = ['rediss://:word@one.example:6379', 'rediss://:word@two.example:6380/0'];
    expect(redis).toEqual({ urls, cluster: true });
    expect(cacheRedis).toEqual(redis);
    const one = { ...base, REDIS_URL: 'redis://one.example', CACHE_REDIS_URL: 'redis://cache.example/1' };
    expect(loadConfig({ ...one, REDIS_CLUSTER: 'true', CACHE_REDIS_CLUSTER: 'false' })).toMatchObject({
      redis: { cluster: true },
      cacheRedis: { urls: ['redis://cache.example/1'], cluster: false },
    });
  });

  it.each([
    ['redis://one.example/1', 'true', /^REDIS_URL: a cluster has one database/],
    ['redis://one.example,rediss://two.example', undefined, /^REDIS_URL: all nodes of a cluster have the same scheme/],
    ['redis://one.example,redis://two.example', 'false', /^REDIS_URL: only a cluster has several nodes/],
  ])('refuses %s as a cluster (%s)', (REDIS_URL, REDIS_CLUSTER, problem) => {
    expect(() => loadConfig({ ...base, REDIS_URL, REDIS_CLUSTER })).toThrow(problem);
  });

  it.each([
    [undefined, false],
    ['false', false],
    ['true', true],
    ['1', 1],
    ['2', 2],
  ])('reads TRUST_PROXY=%s as %s', (text, meaning) => {
    expect(loadConfig({ ...base, TRUST_PROXY: text }).http.trustProxy).toBe(meaning);
  });

  it.each([
    [{}, null],
    [{ OTEL_TRACES_SAMPLER_ARG: '0.5' }, null],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
      { tracesUrl: 'http://collector:4318/v1/traces', ratio: 1 },
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example/otlp/', OTEL_TRACES_SAMPLER_ARG: '0' },
      { tracesUrl: 'https://collector.example/otlp/v1/traces', ratio: 0 },
    ],
  ])('reads where traces go from %j', (variables, tracing) => {
    expect(loadConfig({ ...base, ...variables }).tracing).toEqual(tracing);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://[::1'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'all'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => loadConfig({ ...base, [name]: value })).toThrow(new RegExp(`^${name}: `));
  });

  it.each(['0', '-1', 'yes', '1.5'])('refuses TRUST_PROXY=%s', (text) => {
    expect(() => loadConfig({ ...base, TRUST_PROXY: text })).toThrow(/^TRUST_PROXY: /);
  });

  it.each([
    [undefined, null],
    ['', null],
    ['training', ['training']],
    ['sales-import, general', ['sales-import', 'general']],
  ])('reads WORKER_QUEUES=%s as %j', (text, meaning) => {
    expect(loadConfig({ ...base, WORKER_QUEUES: text }).workerQueues).toEqual(meaning);
  });

  it.each(['Training', 'training;general', ','])('refuses WORKER_QUEUES=%s', (text) => {
    expect(() => loadConfig({ ...base, WORKER_QUEUES: text })).toThrow(/^WORKER_QUEUES: /);
  });
});

import { createSecretKey, KeyObject, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError, Environment, readEnvironment } from './environment.ts';
import { LakeConfig, lakeConfig } from './lake-config.ts';
import { RedisConfig, redisConfig } from './redis-config.ts';
import { SignalsConfig, signalsConfig } from './signals-config.ts';
import { withPassword } from './with-password.ts';

/** Somebody who signs in to the database. */
export interface DatabaseUser {
  readonly name: string;
  readonly password: string;
}

/** Everything a process may be told from outside: typed, nested and frozen. Dates, sizes and times carry their unit in the name. */
export interface AppConfig extends LakeConfig, RedisConfig {
  readonly production: boolean;
  readonly http: {
    readonly port: number;
    readonly host: string;
    readonly workerPort: number;
    /** Where the API also serves its metrics, for a scraper without a token on a network of its own; null = nowhere. */
    readonly metricsPort: number | null;
    /** How many proxies stand before the API; true = all that are named are believed, which a client can abuse. */
    readonly trustProxy: boolean | number;
    /** Longest until an answer begins; then it is 504, and what was done for it is stopped. */
    readonly requestTimeoutMs: number;
  };
  readonly database: {
    readonly url: string;
    readonly replicaUrls: readonly string[];
    /** How far a replica may be behind the primary and still be read from. */
    readonly replicaMaxLagSeconds: number;
    /** Users that are made for the API and for workers; null = none. Only whoever migrates is told. */
    readonly apiUser: DatabaseUser | null;
    readonly workerUser: DatabaseUser | null;
  };
  /** Longest a process takes to end after it has been told to. */
  readonly shutdownMs: number;
  readonly dataDir: string;
  readonly auth: {
    /** As a KeyObject: a string secret is parsed again on each verification, which costs about a millisecond. */
    readonly jwtKey: KeyObject;
    /** What was signed with this one is accepted as well, while `jwtKey` is being changed; null = nothing is. */
    readonly previousJwtKey: KeyObject | null;
    readonly adminEmail: string | null;
    readonly adminPassword: string | null;
    readonly viewerReadsCatalogue: boolean;
    readonly loginAttemptsPerMinute: number;
  };
  readonly limits: {
    readonly requestsPerMinute: number;
    readonly uploadMaxBytes: number;
    /** Rows of a file after which what was read of it is made safe. */
    readonly importChunkRows: number;
  };
  readonly currency: string;
  readonly scheduleTimezone: string;
  /** Queues this worker works on, or fleets of queues, as it was told them; null = all. */
  readonly workerQueues: readonly string[] | null;
  /** Silence after which a worker is taken for dead, for all queues; null = as each queue states. */
  readonly jobLockMs: number | null;
  readonly retention: {
    /** Days that finished work, ticks of schedules and resolved alerts are kept. */
    readonly finishedDays: number;
    /** Days that the files of a run that ended well are kept: a frozen history and its forecasts are large. */
    readonly runFilesDays: number;
    /** Whole months of sales kept in the tables before the month of the latest; null = all. */
    readonly salesMonths: number | null;
  };
  readonly signals: SignalsConfig;
  readonly logLevel: string;
  /** Where traces are sent by OTLP over HTTP, and the share of traces that begin here and are kept; null = none is made. */
  readonly tracing: { readonly tracesUrl: string; readonly ratio: number } | null;
  readonly gate: GateRules;
  readonly rollout: RolloutRules;
}

/** What a trained model may do on its hold-out and still be deployed. Shares are 0..1. */
export interface GateRules {
  /** WAPE over the champion's: less is noise of the hold-out. */
  readonly mostWapeRatio: number;
  /** Absolute bias. */
  readonly mostBias: number;
  /** Share of the actuals inside P10..P90, from and to. */
  readonly coverage: readonly [number, number];
}

/** What the candidate of a rollout may do on live days, and how long it must have done so. */
export interface RolloutRules {
  /** Days with sales, and series, before a stage is judged. */
  readonly leastDays: number;
  readonly leastSeries: number;
  /** WAPE over the champion's: fewer days are noisier than a hold-out, so more is allowed than in the gate. */
  readonly mostWapeRatio: number;
  readonly mostBias: number;
  readonly coverage: readonly [number, number];
  /** Time to forecast over the champion's. */
  readonly mostLatencyRatio: number;
}

/** The rules where the environment sets none. */
export const DEFAULT_GATE: GateRules = { mostWapeRatio: 1.02, mostBias: 0.25, coverage: [0.75, 0.85] };
export const DEFAULT_ROLLOUT: RolloutRules = {
  leastDays: 2,
  leastSeries: 5,
  mostWapeRatio: 1.05,
  mostBias: 0.25,
  coverage: [0.65, 0.95],
  mostLatencyRatio: 3,
};

function coverageOf(
  name: string,
  low: number | undefined,
  high: number | undefined,
  [least, most]: readonly [number, number],
): readonly [number, number] {
  const range = [low ?? least, high ?? most] as const;
  if (range[0] > range[1]) throw new ConfigError(`${name}_MIN_COVERAGE: lies above ${name}_MAX_COVERAGE`);
  return range;
}

const DEFAULT_PORT = 3000;

/** Names of the users of the database that are made for API and workers, where no others are set. */
export const DATABASE_USERS = { api: 'shelfcast_api_user', worker: 'shelfcast_worker_user' } as const;

/** Injection token of {@link AppConfig}. */
export const APP_CONFIG = Symbol('APP_CONFIG');

function freezeDeep<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (child && typeof child === 'object' && !(child instanceof KeyObject)) freezeDeep(child);
  }
  return Object.freeze(value);
}

/** The signing secret: from the environment, else made once and kept readable by its owner only under the data folder. */
function signingKey(env: Environment, dataDir: string): KeyObject {
  if (env.JWT_SECRET) return createSecretKey(Buffer.from(env.JWT_SECRET));
  if (env.NODE_ENV === 'production') throw new ConfigError('JWT_SECRET: must be set in production');
  const file = join(dataDir, 'jwt-secret');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true });
    try {
      writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Two processes may start at once; the loser reads what the winner wrote.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return createSecretKey(Buffer.from(readFileSync(file, 'utf8')));
}

/** The secret that is accepted beside the one that signs. Both the same would be no change, though somebody meant one. */
function previousKey(env: Environment, current: KeyObject): KeyObject | null {
  if (!env.JWT_SECRET_PREVIOUS) return null;
  const previous = createSecretKey(Buffer.from(env.JWT_SECRET_PREVIOUS));
  if (previous.equals(current)) throw new ConfigError('JWT_SECRET_PREVIOUS: must differ from JWT_SECRET');
  return previous;
}

function checkedTimezone(zone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    throw new ConfigError(`SCHEDULE_TIMEZONE: ${zone} is not a known time zone`);
  }
}

/** A user to be made in the database; null without a password. */
function databaseUser(name: string, password: string | undefined): DatabaseUser | null {
  return password === undefined ? null : { name, password };
}

/** Settings by the names that OpenTelemetry gives them: of a collector its base address is told. */
function tracingSettings(env: Environment): AppConfig['tracing'] {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return null;
  if (!URL.canParse(endpoint)) throw new ConfigError('OTEL_EXPORTER_OTLP_ENDPOINT: is malformed');
  return { tracesUrl: `${endpoint.replace(/\/+$/, '')}/v1/traces`, ratio: env.OTEL_TRACES_SAMPLER_ARG ?? 1 };
}

const trustedProxies = (text: string | undefined): boolean | number =>
  text === undefined || text === 'false' ? false : text === 'true' ? true : Number(text);

/**
 * Builds the frozen configuration of a process.
 * @throws ConfigError naming the variable that is missing or malformed
 */
export function loadConfig(variables: NodeJS.ProcessEnv = process.env): AppConfig {
  const env = readEnvironment(variables);
  if (!env.DATABASE_URL)
    throw new ConfigError('DATABASE_URL: must be set (`npm start` sets it to its embedded server)');
  const dataDir = resolve(env.DATA_DIR ?? './.data');
  const jwtKey = signingKey(env, dataDir);
  return freezeDeep({
    production: env.NODE_ENV === 'production',
    http: {
      port: env.PORT ?? DEFAULT_PORT,
      host: env.HOST ?? '0.0.0.0',
      workerPort: env.WORKER_PORT ?? 0,
      metricsPort: env.METRICS_PORT ?? null,
      trustProxy: trustedProxies(env.TRUST_PROXY),
      requestTimeoutMs: (env.REQUEST_TIMEOUT_SECONDS ?? 30) * 1000,
    },
    database: {
      url: withPassword('DATABASE', env.DATABASE_URL, env.DATABASE_PASSWORD),
      replicaUrls: (env.DATABASE_REPLICA_URLS ?? '')
        .split(',')
        .map((url) => url.trim())
        .filter(Boolean)
        .map((url) => withPassword('DATABASE', url, env.DATABASE_PASSWORD)),
      replicaMaxLagSeconds: env.DATABASE_REPLICA_MAX_LAG_SECONDS ?? 10,
      apiUser: databaseUser(env.API_DATABASE_USER ?? DATABASE_USERS.api, env.API_DATABASE_PASSWORD),
      workerUser: databaseUser(env.WORKER_DATABASE_USER ?? DATABASE_USERS.worker, env.WORKER_DATABASE_PASSWORD),
    },
    // Whoever ends a process usually kills it after ten seconds.
    shutdownMs: (env.SHUTDOWN_SECONDS ?? 8) * 1000,
    ...redisConfig(env),
    dataDir,
    ...lakeConfig(env, dataDir),
    auth: {
      jwtKey,
      previousJwtKey: previousKey(env, jwtKey),
      adminEmail: env.ADMIN_EMAIL ?? null,
      adminPassword: env.ADMIN_PASSWORD ?? null,
      viewerReadsCatalogue: env.VIEWER_READS_CATALOGUE ?? false,
      loginAttemptsPerMinute: env.LOGIN_ATTEMPTS_PER_MINUTE ?? 20,
    },
    limits: {
      requestsPerMinute: env.RATE_LIMIT_PER_MINUTE ?? 6000,
      uploadMaxBytes: (env.UPLOAD_MAX_MEGABYTES ?? 4096) * 1024 * 1024,
      importChunkRows: env.IMPORT_CHUNK_ROWS ?? 1_000_000,
    },
    currency: env.CURRENCY ?? 'INR',
    scheduleTimezone: checkedTimezone(env.SCHEDULE_TIMEZONE ?? 'Asia/Kolkata'),
    workerQueues: env.WORKER_QUEUES?.split(',').map((word) => word.trim()) ?? null,
    jobLockMs: env.JOB_LOCK_MS ?? null,
    retention: {
      finishedDays: env.RETENTION_DAYS ?? 30,
      runFilesDays: env.RUN_FILES_RETENTION_DAYS ?? 2,
      salesMonths: env.SALES_RETENTION_MONTHS ?? null,
    },
    signals: signalsConfig(env),
    logLevel: env.LOG_LEVEL ?? 'info',
    tracing: tracingSettings(env),
    gate: {
      mostWapeRatio: env.GATE_MAX_WAPE_RATIO ?? DEFAULT_GATE.mostWapeRatio,
      mostBias: env.GATE_MAX_BIAS ?? DEFAULT_GATE.mostBias,
      coverage: coverageOf('GATE', env.GATE_MIN_COVERAGE, env.GATE_MAX_COVERAGE, DEFAULT_GATE.coverage),
    },
    rollout: {
      leastDays: env.ROLLOUT_MIN_DAYS ?? DEFAULT_ROLLOUT.leastDays,
      leastSeries: env.ROLLOUT_MIN_SERIES ?? DEFAULT_ROLLOUT.leastSeries,
      mostWapeRatio: env.ROLLOUT_MAX_WAPE_RATIO ?? DEFAULT_ROLLOUT.mostWapeRatio,
      mostBias: env.ROLLOUT_MAX_BIAS ?? DEFAULT_ROLLOUT.mostBias,
      coverage: coverageOf('ROLLOUT', env.ROLLOUT_MIN_COVERAGE, env.ROLLOUT_MAX_COVERAGE, DEFAULT_ROLLOUT.coverage),
      mostLatencyRatio: env.ROLLOUT_MAX_LATENCY_RATIO ?? DEFAULT_ROLLOUT.mostLatencyRatio,
    },
  });
}

/** What the launcher needs before a full configuration can exist. */
export interface LocalSettings {
  readonly dataDir: string;
  /** Null = start the embedded server. */
  readonly databaseUrl: string | null;
  readonly port: number;
  readonly adminEmail: string | null;
  readonly adminPassword: string | null;
  /** The variables to hand on to the processes. */
  readonly variables: NodeJS.ProcessEnv;
  /** Folder the user called from: npm itself runs in the project's. */
  readonly callerDir: string;
}

/** Checks and reads the launcher's part of the environment. */
export function localSettings(variables: NodeJS.ProcessEnv = process.env): LocalSettings {
  const env = readEnvironment(variables);
  return {
    dataDir: resolve(env.DATA_DIR ?? './.data'),
    databaseUrl: env.DATABASE_URL ?? null,
    port: env.PORT ?? DEFAULT_PORT,
    adminEmail: env.ADMIN_EMAIL ?? null,
    adminPassword: env.ADMIN_PASSWORD ?? null,
    variables: { ...variables },
    callerDir: variables.INIT_CWD ?? process.cwd(),
  };
}

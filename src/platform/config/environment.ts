import { plainToInstance, Transform } from 'class-transformer';
import {
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  MinLength,
  validateSync,
} from 'class-validator';

const POSTGRES_URL = /^postgres(ql)?:\/\/\S+$/;
/** A name that needs no quotes, and a password that no encoding changes. */
const DATABASE_USER = /^[a-z_][a-z0-9_]{0,62}$/;
const DATABASE_USER_PASSWORD = /^[\x21-\x7e]{16,256}$/;
/** One address, or those of several nodes with commas between them. */
const REDIS_URL = /^rediss?:\/\/\S+(\s*,\s*rediss?:\/\/\S+)*$/;
const toNumber = ({ value }: { value: unknown }) => (value === undefined || value === '' ? undefined : Number(value));
const toBoolean = ({ value }: { value: unknown }) =>
  value === undefined || value === '' ? undefined : value === 'true' ? true : value === 'false' ? false : value;

/** Every environment variable Shelfcast understands, as strings from outside, checked once at start. */
export class Environment {
  @IsOptional() @IsIn(['development', 'test', 'production']) NODE_ENV?: string;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(0) @Max(65535) PORT?: number;
  @IsOptional() @IsString() @MinLength(1) HOST?: string;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(0) @Max(65535) WORKER_PORT?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(65535) METRICS_PORT?: number;
  @IsOptional() @Matches(/^[a-z-]+(\s*,\s*[a-z-]+)*$/) WORKER_QUEUES?: string;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(3600) SHUTDOWN_SECONDS?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(3600) REQUEST_TIMEOUT_SECONDS?: number;
  @IsOptional() @Matches(POSTGRES_URL) DATABASE_URL?: string;
  @IsOptional() @IsString() DATABASE_REPLICA_URLS?: string;
  @IsOptional() @IsString() @Length(1, 1024) DATABASE_PASSWORD?: string;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(60) DATABASE_REPLICA_MAX_LAG_SECONDS?: number;
  @IsOptional() @Matches(DATABASE_USER) API_DATABASE_USER?: string;
  @IsOptional() @Matches(DATABASE_USER_PASSWORD) API_DATABASE_PASSWORD?: string;
  @IsOptional() @Matches(DATABASE_USER) WORKER_DATABASE_USER?: string;
  @IsOptional() @Matches(DATABASE_USER_PASSWORD) WORKER_DATABASE_PASSWORD?: string;
  @IsOptional() @Matches(REDIS_URL) REDIS_URL?: string;
  @IsOptional() @Transform(toBoolean) @IsBoolean() REDIS_CLUSTER?: boolean;
  @IsOptional() @Matches(REDIS_URL) CACHE_REDIS_URL?: string;
  @IsOptional() @Transform(toBoolean) @IsBoolean() CACHE_REDIS_CLUSTER?: boolean;
  @IsOptional() @IsString() @Length(1, 1024) REDIS_PASSWORD?: string;
  @IsOptional() @IsString() @MinLength(1) DATA_DIR?: string;
  @IsOptional() @IsString() @Length(32, 4096) JWT_SECRET?: string;
  @IsOptional() @IsString() @Length(32, 4096) JWT_SECRET_PREVIOUS?: string;
  @IsOptional() @IsEmail({ require_tld: false }) ADMIN_EMAIL?: string;
  @IsOptional() @IsString() @Length(8, 256) ADMIN_PASSWORD?: string;
  @IsOptional() @Matches(/^(file|s3):\/\/\S+$/) LAKE_URL?: string;
  @IsOptional() @IsString() LAKE_ENDPOINT?: string;
  @IsOptional() @Transform(toBoolean) @IsBoolean() LAKE_PATH_STYLE?: boolean;
  @IsOptional() @Matches(/^[a-z0-9-]+$/) LAKE_REGION?: string;
  @IsOptional() @IsString() LAKE_KMS_KEY_ID?: string;
  @IsOptional() @IsString() LAKE_ZONES?: string;
  @IsOptional() @Matches(/^arn:[a-z-]+:iam::\d{12}:role\/\S+$/) LAKE_ROLE_ARN?: string;
  /** Read by the SDK as well; looked at to know whether there is a region. */
  @IsOptional() @IsString() AWS_REGION?: string;
  @IsOptional() @Matches(/^[A-Z]{3}$/) CURRENCY?: string;
  @IsOptional() @IsString() SCHEDULE_TIMEZONE?: string;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(2_000) @Max(600_000) JOB_LOCK_MS?: number;
  @IsOptional() @Transform(toBoolean) @IsBoolean() VIEWER_READS_CATALOGUE?: boolean;
  @IsOptional() @Matches(/^https?:\/\/\S+$/) OTEL_EXPORTER_OTLP_ENDPOINT?: string;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0) @Max(1) OTEL_TRACES_SAMPLER_ARG?: number;
  @IsOptional() @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) LOG_LEVEL?: string;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(3650) RETENTION_DAYS?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(3650) RUN_FILES_RETENTION_DAYS?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(24) @Max(1200) SALES_RETENTION_MONTHS?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(10_000_000) RATE_LIMIT_PER_MINUTE?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(10_000) LOGIN_ATTEMPTS_PER_MINUTE?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(1_048_576) UPLOAD_MAX_MEGABYTES?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(100) @Max(100_000_000) IMPORT_CHUNK_ROWS?: number;
  @IsOptional() @Matches(/^(true|false|[1-9])$/) TRUST_PROXY?: string;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0.5) @Max(10) GATE_MAX_WAPE_RATIO?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0) @Max(10) GATE_MAX_BIAS?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0) @Max(1) GATE_MIN_COVERAGE?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0) @Max(1) GATE_MAX_COVERAGE?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(90) ROLLOUT_MIN_DAYS?: number;
  @IsOptional() @Transform(toNumber) @IsInt() @Min(1) @Max(1_000_000) ROLLOUT_MIN_SERIES?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0.5) @Max(10) ROLLOUT_MAX_WAPE_RATIO?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0) @Max(10) ROLLOUT_MAX_BIAS?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0) @Max(1) ROLLOUT_MIN_COVERAGE?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(0) @Max(1) ROLLOUT_MAX_COVERAGE?: number;
  @IsOptional() @Transform(toNumber) @IsNumber() @Min(1) @Max(1_000) ROLLOUT_MAX_LATENCY_RATIO?: number;
  @IsOptional() @IsIn(['off', 'open-meteo']) WEATHER_PROVIDER?: string;
  @IsOptional() @IsString() WEATHER_FORECAST_URL?: string;
  @IsOptional() @IsString() WEATHER_ARCHIVE_URL?: string;
  @IsOptional() @IsString() WEATHER_API_KEY?: string;
  @IsOptional() @IsIn(['off', 'fred']) MACRO_PROVIDER?: string;
  @IsOptional() @IsString() FRED_URL?: string;
  @IsOptional() @IsString() FRED_API_KEY?: string;
  @IsOptional() @IsString() FRED_SERIES?: string;
  @IsOptional() @IsIn(['off', 'csv']) MARKET_PROVIDER?: string;
  @IsOptional() @IsString() MARKET_URL?: string;
  @IsOptional() @IsString() @MinLength(1) SIGNALS_REPLAY_DIR?: string;
  @IsOptional() @Matches(/^([A-Z]{2}|none)$/) HOLIDAY_COUNTRY?: string;
  @IsOptional() @Matches(/^[A-Z0-9]{1,3}$/) HOLIDAY_REGION?: string;
  @IsOptional() @Transform(toBoolean) @IsBoolean() FESTIVALS?: boolean;
  @IsOptional() @IsString() MODEL_SIGNALS?: string;
}

/** A setting is missing or malformed; the message is one line that names it. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
}

/**
 * Checks the variables of a process.
 * @throws ConfigError naming the first bad variable
 */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  // An empty variable means "not set": compose files and task definitions pass empty strings for absent values.
  const present = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const environment = plainToInstance(Environment, present);
  const [problem] = validateSync(environment, { whitelist: true });
  if (problem) {
    throw new ConfigError(`${problem.property}: ${Object.values(problem.constraints ?? {}).join(', ')}`);
  }
  return environment;
}

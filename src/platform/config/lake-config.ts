import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, Environment } from './environment.ts';

/** A bucket that is the object store. Its credentials are found by the SDK, never kept here. */
export interface LakeBucket {
  readonly bucket: string;
  /** What every key in the bucket begins with: empty, or ending in a slash. */
  readonly prefix: string;
  /** Address of a server that speaks S3; null = Amazon's. */
  readonly endpoint: string | null;
  /** Whether the bucket stands in the path instead of the host name. */
  readonly pathStyle: boolean;
  /** Null = where the SDK finds one. */
  readonly region: string | null;
  /** Key that new objects are encrypted with; null = as the bucket says. */
  readonly kmsKeyId: string | null;
}

/** The part of the configuration that says where objects are kept. */
export interface LakeConfig {
  /** Folder of the object store; unused where there is a bucket. */
  readonly lakeDir: string;
  /** Null = a folder. */
  readonly lakeBucket: LakeBucket | null;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Region named to a server of one's own, which needs one in its signatures but has none. */
const ANY_REGION = 'us-east-1';

/** Reads where objects are kept. @throws ConfigError naming the variable that is malformed */
export function lakeConfig(env: Environment, dataDir: string): LakeConfig {
  const lakeDir = join(dataDir, 'lake');
  if (!env.LAKE_URL) return { lakeDir, lakeBucket: null };
  if (env.LAKE_URL.startsWith('file:')) return { lakeDir: fileURLToPath(env.LAKE_URL), lakeBucket: null };
  const [bucket, ...segments] = env.LAKE_URL.slice('s3://'.length).replace(/\/+$/, '').split('/');
  if (!BUCKET.test(bucket)) throw new ConfigError(`LAKE_URL: ${bucket} is no name of a bucket`);
  if (segments.some((segment) => ['', '.', '..'].includes(segment)))
    throw new ConfigError('LAKE_URL: the prefix after the bucket has an empty part');
  const endpoint = env.LAKE_ENDPOINT ?? null;
  if (endpoint !== null) {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
      throw new ConfigError('LAKE_ENDPOINT: must be an http or https address without a user');
  }
  return {
    lakeDir,
    lakeBucket: {
      bucket,
      prefix: segments.length ? `${segments.join('/')}/` : '',
      endpoint,
      pathStyle: env.LAKE_PATH_STYLE ?? endpoint !== null,
      region: env.LAKE_REGION ?? env.AWS_REGION ?? (endpoint === null ? null : ANY_REGION),
      kmsKeyId: env.LAKE_KMS_KEY_ID ?? null,
    },
  };
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, Environment } from './environment.ts';

/** A bucket that is the object store, or one for each zone. Credentials are found by the SDK, never kept here. */
export interface LakeBucket {
  /** Name of the bucket; with zones, `{zone}` stands in it for the name of each. */
  readonly bucket: string;
  /** First segments of keys that have a bucket of their own, and the zone it is named by; empty = all is in one bucket. */
  readonly zones: ReadonlyMap<string, string>;
  /** What every key in a bucket begins with: empty, or ending in a slash. */
  readonly prefix: string;
  /** Address of a server that speaks S3; null = Amazon's. */
  readonly endpoint: string | null;
  /** Whether the bucket stands in the path instead of the host name. */
  readonly pathStyle: boolean;
  /** Null = where the SDK finds one. */
  readonly region: string | null;
  /** Key that new objects are encrypted with; null = as the bucket says. */
  readonly kmsKeyId: string | null;
  /** Role that is assumed for every request and address; null = the credentials that the SDK finds are used as they are. */
  readonly roleArn: string | null;
}

/** The part of the configuration that says where objects are kept. */
export interface LakeConfig {
  /** Folder of the object store; unused where there is a bucket. */
  readonly lakeDir: string;
  /** Null = a folder. */
  readonly lakeBucket: LakeBucket | null;
}

/** The zone of keys whose first segment has no bucket of its own. */
export const OTHER_ZONE = 'work';
/** Stands for the name of a zone in the name of a bucket. */
export const ZONE = '{zone}';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Region named to a server of one's own, which needs one in its signatures but has none. */
const ANY_REGION = 'us-east-1';

/** Reads where objects are kept. @throws ConfigError naming the variable that is malformed */
export function lakeConfig(env: Environment, dataDir: string): LakeConfig {
  const lakeDir = join(dataDir, 'lake');
  if (!env.LAKE_URL) return { lakeDir, lakeBucket: null };
  if (env.LAKE_URL.startsWith('file:')) return { lakeDir: fileURLToPath(env.LAKE_URL), lakeBucket: null };
  const [bucket, ...segments] = env.LAKE_URL.slice('s3://'.length).replace(/\/+$/, '').split('/');
  const zones = zonesOf(env, bucket);
  for (const name of bucketNames(bucket, zones))
    if (!BUCKET.test(name)) throw new ConfigError(`LAKE_URL: ${name} is no name of a bucket`);
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
      zones,
      prefix: segments.length ? `${segments.join('/')}/` : '',
      endpoint,
      pathStyle: env.LAKE_PATH_STYLE ?? endpoint !== null,
      region: env.LAKE_REGION ?? env.AWS_REGION ?? (endpoint === null ? null : ANY_REGION),
      kmsKeyId: env.LAKE_KMS_KEY_ID ?? null,
      roleArn: env.LAKE_ROLE_ARN ?? null,
    },
  };
}

/** Reads `raw,models=artefacts`: the zones that have buckets. @throws ConfigError where they do not fit the bucket's name */
function zonesOf({ LAKE_ZONES }: Environment, bucket: string): Map<string, string> {
  const entries = (LAKE_ZONES?.split(',') ?? []).map((entry) => {
    const [, first, zone = first] = /^([a-z0-9-]+)(?:=([a-z0-9-]+))?$/.exec(entry) ?? [];
    if (!first) throw new ConfigError('LAKE_ZONES: must be names, or pairs `folder=zone`, with commas between');
    return [first, zone] as const;
  });
  if (bucket.includes(ZONE) !== entries.length > 0)
    throw new ConfigError(`LAKE_ZONES: belongs to a LAKE_URL with ${ZONE} in the name of its bucket, and to no other`);
  const [folders, zones] = [new Map(entries), new Set([OTHER_ZONE, ...entries.map(([, zone]) => zone)])];
  // Within a bucket keys lack their first segment, so that those of two folders would meet.
  if (folders.size < entries.length || zones.size <= entries.length)
    throw new ConfigError(`LAKE_ZONES: each folder has a zone of its own, and ${OTHER_ZONE} is that of all others`);
  return folders;
}

function bucketNames(bucket: string, zones: ReadonlyMap<string, string>): string[] {
  return zones.size ? [...zones.values(), OTHER_ZONE].map((zone) => bucket.replace(ZONE, zone)) : [bucket];
}

import { addresses, at, failing, list, ofType, Plan, Resource, statements, texts, unless } from '../resources.ts';
import { Rule, rewriting, setting, without } from './rule.ts';

/** The settings of a bucket are resources of their own, beside it in its module, with its name and key. */
const companion = (plan: Plan, bucket: Resource, type: string): Resource | undefined => {
  const address = bucket.address.replace(/aws_s3_bucket\./, `${type}.`);
  return plan.resources.find((one) => one.address === address);
};

const bucketRule = (name: string, type: string, passes: (own: Resource) => boolean, breach: Rule['breach']): Rule => ({
  name: `every bucket ${name}`,
  findings: (plan) =>
    failing(ofType(plan, 'aws_s3_bucket'), (bucket) => {
      const own = companion(plan, bucket, type);
      return own !== undefined && passes(own);
    }),
  breach,
});

const databases = (plan: Plan) => ofType(plan, 'aws_db_instance', 'aws_rds_cluster');
const primary = (plan: Plan) => databases(plan).filter(({ name }) => name !== 'replica');

/** What lies on disk: who reads it, how long it stays, and how it comes back. */
export const STORAGE_RULES: readonly Rule[] = [
  bucketRule(
    'refuses to be public',
    'aws_s3_bucket_public_access_block',
    ({ values }) =>
      ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'].every(
        (key) => values[key] === true,
      ),
    setting(/public_access_block\.this\["raw"\]/, 'restrict_public_buckets', false),
  ),
  bucketRule(
    'keeps versions',
    'aws_s3_bucket_versioning',
    ({ values }) => at(values.versioning_configuration, 0, 'status') === 'Enabled',
    without(/aws_s3_bucket_versioning\.this\["model-artifacts"\]/),
  ),
  bucketRule(
    'is encrypted',
    'aws_s3_bucket_server_side_encryption_configuration',
    ({ values }) =>
      ['aws:kms', 'AES256'].includes(
        String(at(values.rule, 0, 'apply_server_side_encryption_by_default', 0, 'sse_algorithm')),
      ),
    without(/server_side_encryption_configuration\.this\["backups"\]/),
  ),
  bucketRule(
    'lets objects age',
    'aws_s3_bucket_lifecycle_configuration',
    ({ values }) => list(values.rule).every((rule) => at(rule, 'status') === 'Enabled'),
    without(/lifecycle_configuration\.trail/),
  ),
  bucketRule(
    'of the lake removes parts of uploads that were never completed',
    'aws_s3_bucket_lifecycle_configuration',
    ({ address, values }) =>
      !address.includes('.data_lake.') ||
      list(values.rule).some(
        (rule) => Number(at(rule, 'abort_incomplete_multipart_upload', 0, 'days_after_initiation')) <= 7,
      ),
    setting(/data_lake\.aws_s3_bucket_lifecycle_configuration\.this\["raw"\]/, 'rule', [{ status: 'Enabled' }]),
  ),
  bucketRule(
    'refuses plain HTTP',
    'aws_s3_bucket_policy',
    ({ values }) =>
      statements(values.policy).some(
        (one) => at(one, 'Effect') === 'Deny' && at(one, 'Condition', 'Bool', 'aws:SecureTransport') === 'false',
      ),
    rewriting(/aws_s3_bucket_policy\.pages/, 'policy', '"aws:SecureTransport":"false"', '"aws:SecureTransport":"true"'),
  ),
  {
    name: 'no bucket is opened to everybody',
    findings: (plan) =>
      failing(ofType(plan, 'aws_s3_bucket_policy'), ({ values }) =>
        statements(values.policy).every(
          (one) =>
            at(one, 'Effect') === 'Deny' ||
            (typeof at(one, 'Principal') === 'object' && !texts(at(one, 'Principal', 'AWS')).includes('*')),
        ),
      ),
    breach: rewriting(/aws_s3_bucket_policy\.pages/, 'policy', '"Effect":"Deny"', '"Effect":"Allow"'),
  },
  {
    name: 'raw files, curated files and artefacts move to Glacier',
    findings: (plan) =>
      ['raw', 'curated', 'model-artifacts'].filter(
        (zone) =>
          !ofType(plan, 'aws_s3_bucket_lifecycle_configuration').some(
            ({ address, values }) =>
              address.endsWith(`.this["${zone}"]`) &&
              list(at(values.rule, 0, 'transition')).some((move) => at(move, 'storage_class') === 'GLACIER'),
          ),
      ),
    breach: setting(/data_lake\.aws_s3_bucket_lifecycle_configuration\.this\["curated"\]/, 'rule', [
      { status: 'Enabled' },
    ]),
  },
  {
    name: 'production copies what cannot be made again into the region of recovery',
    findings: (plan) =>
      plan.environment !== 'prod'
        ? []
        : [
            ...['raw', 'curated', 'model-artifacts', 'work', 'backups'].filter(
              (zone) =>
                !ofType(plan, 'aws_s3_bucket_replication_configuration').some(({ address }) =>
                  address.endsWith(`["${zone}"]`),
                ),
            ),
            ...unless(
              ofType(plan, 'aws_db_instance_automated_backups_replication', 'aws_rds_cluster').length > 0,
              'database',
            ),
          ],
    breach: without(/automated_backups_replication/),
  },
  {
    name: 'keys turn by themselves, and those of production open copies in the region of recovery',
    findings: (plan) => [
      ...failing(
        ofType(plan, 'aws_kms_key'),
        ({ values }) => values.enable_key_rotation === true && values.multi_region === (plan.environment === 'prod'),
      ),
      ...unless(
        ofType(plan, 'aws_kms_replica_key').filter(({ provider }) => provider === 'aws.replica').length ===
          (plan.environment === 'prod' ? 1 : 0),
        'no copy of the key',
      ),
    ],
    breach: setting(/aws_kms_key\.this\["data"\]/, 'enable_key_rotation', false),
  },
  {
    name: 'databases are encrypted and have no public address',
    findings: (plan) => [
      ...failing(databases(plan), ({ values }) => values.storage_encrypted === true),
      ...failing(
        ofType(plan, 'aws_db_instance', 'aws_rds_cluster_instance'),
        ({ values }) => values.publicly_accessible === false && values.performance_insights_enabled === true,
      ),
      ...failing(primary(plan), ({ values }) => typeof values.kms_key_id === 'string'),
    ],
    breach: setting(/aws_db_instance\.replica/, 'publicly_accessible', true),
  },
  {
    name: 'production has a standby and a replica, refuses to be deleted, and goes back to any point of 35 days; others of 7',
    findings: (plan) => {
      const prod = plan.environment === 'prod';
      return [
        ...failing(primary(plan), ({ values }) => Number(values.backup_retention_period) >= (prod ? 35 : 7)),
        ...(prod ? failing(databases(plan), ({ values }) => values.deletion_protection === true) : []),
        ...(prod
          ? failing(
              ofType(plan, 'aws_db_instance').filter(({ name }) => name === 'primary'),
              ({ values }) => values.multi_az === true,
            )
          : []),
        ...unless(!prod || ofType(plan, 'aws_db_instance', 'aws_rds_cluster_instance').length >= 2, 'no replica'),
        ...unless(primary(plan).length === 1, `${primary(plan).length} databases`),
      ];
    },
    breach: setting(/aws_db_instance\.primary/, 'deletion_protection', false),
  },
  {
    name: 'PostgreSQL refuses connections without TLS',
    findings: (plan) => {
      const groups = ofType(plan, 'aws_db_parameter_group', 'aws_rds_cluster_parameter_group');
      return [
        ...failing(groups, ({ values }) =>
          list(values.parameter).some((one) => at(one, 'name') === 'rds.force_ssl' && at(one, 'value') === '1'),
        ),
        ...unless(groups.length > 0, 'no parameters'),
      ];
    },
    breach: setting(/aws_db_parameter_group/, 'parameter', [{ name: 'rds.force_ssl', value: '0' }]),
  },
  {
    name: 'Redis speaks TLS, is encrypted, evicts nothing, and fails over in production',
    findings: (plan) => [
      ...failing(
        ofType(plan, 'aws_elasticache_replication_group'),
        ({ values }) =>
          String(values.transit_encryption_enabled) === 'true' &&
          String(values.at_rest_encryption_enabled) === 'true' &&
          (plan.environment !== 'prod' ||
            (values.multi_az_enabled === true && values.automatic_failover_enabled === true)),
      ),
      ...failing(ofType(plan, 'aws_elasticache_parameter_group'), ({ values }) =>
        list(values.parameter).some(
          (one) => at(one, 'name') === 'maxmemory-policy' && at(one, 'value') === 'noeviction',
        ),
      ),
    ],
    breach: setting(/aws_elasticache_parameter_group/, 'parameter', [
      { name: 'maxmemory-policy', value: 'allkeys-lru' },
    ]),
  },
  {
    name: 'the application has no store but its buckets: no task mounts what outlives it',
    findings: (plan) => [
      ...addresses(ofType(plan, 'aws_efs_file_system')),
      ...failing(ofType(plan, 'aws_ecs_task_definition'), ({ values }) =>
        list(values.volume).every((volume) =>
          ['efs_volume_configuration', 'fsx_windows_file_server_volume_configuration'].every(
            (kind) => list(at(volume, kind)).length === 0,
          ),
        ),
      ),
    ],
    breach: setting(/module\.worker\.aws_ecs_task_definition/, 'volume', [
      { name: 'files', efs_volume_configuration: [{ file_system_id: 'fs-0123456789abcdef0' }] },
    ]),
  },
  {
    name: 'a backup is made each hour, and production copies it and locks it',
    findings: (plan) => {
      const prod = plan.environment === 'prod';
      return [
        ...failing(ofType(plan, 'aws_backup_plan'), ({ values }) => {
          const hourly = list(values.rule).find((rule) => at(rule, 'schedule') === 'cron(0 * * * ? *)');
          return hourly !== undefined && (!prod || list(at(hourly, 'copy_action')).length > 0);
        }),
        ...unless(ofType(plan, 'aws_backup_selection').length === 1, 'nothing is selected'),
        ...unless(!prod || ofType(plan, 'aws_backup_vault_lock_configuration').length === 1, 'no lock'),
      ];
    },
    breach: without(/aws_backup_vault_lock_configuration/),
  },
];

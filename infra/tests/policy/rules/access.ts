import {
  at,
  containers,
  failing,
  Json,
  list,
  ofType,
  Plan,
  refersTo,
  statements,
  texts,
  unless,
} from '../resources.ts';
import { Rule, rewriting, setting, without } from './rule.ts';

/** Actions that know no narrower resource than all. */
const UNNAMEABLE = new Set([
  'ecr:GetAuthorizationToken',
  'cloudwatch:PutMetricData',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
]);
const GRANTED_TO_ALL = /AdministratorAccess|PowerUserAccess|IAMFullAccess/;

const policies = (plan: Plan) => ofType(plan, 'aws_iam_role_policy', 'aws_iam_policy');
const allows = (one: Json) => at(one, 'Effect') === 'Allow';
const actions = (one: Json) => texts(at(one, 'Action'));

const UPLOAD_POLICY = /lake_access\.aws_iam_role_policy\.upload/;
/** What the role of uploads may do, and where. */
const UPLOADS: Readonly<Record<string, RegExp>> = {
  's3:PutObject': /-raw-\d{12}\/(sales|drop)\/\*$/,
  's3:AbortMultipartUpload': /-raw-\d{12}\/(sales|drop)\/\*$/,
  's3:DeleteObject': /-raw-\d{12}\/sales\/\*$/,
  's3:GetObject': /-work-\d{12}\/rejected\/\*$/,
  'kms:Decrypt': /:key\/[^*]+$/,
  'kms:GenerateDataKey': /:key\/[^*]+$/,
};
const OF_WORKERS = /-(raw|curated|features|model-artifacts|work)-\d{12}(\/\*)?$/;
const DELETED_BY_WORKERS = /-(raw|curated|work)-\d{12}\/\*$/;

/** Policies of the API's own role. */
const ofApi = (plan: Plan) =>
  policies(plan).filter(({ address }) => /module\.api\.aws_iam_role_policy\.task\[/.test(address));

/** Who may do what. */
export const ACCESS_RULES: readonly Rule[] = [
  {
    name: 'nobody is an administrator, and no policy allows a whole service',
    findings: (plan) => [
      ...failing(
        ofType(plan, 'aws_iam_role_policy_attachment'),
        ({ values }) => !GRANTED_TO_ALL.test(String(values.policy_arn)),
      ),
      ...failing(policies(plan), ({ values }) =>
        statements(values.policy)
          .filter(allows)
          .every((one) => actions(one).every((action) => !action.endsWith('*'))),
      ),
    ],
    breach: rewriting(/module\.worker\.aws_iam_role_policy\.task\["lake"\]/, 'policy', '"s3:ListBucket"', '"s3:*"'),
  },
  {
    name: 'what is allowed names its resources, but for actions that know none',
    findings: (plan) =>
      failing(policies(plan), ({ values }) =>
        statements(values.policy)
          .filter((one) => allows(one) && texts(at(one, 'Resource')).includes('*'))
          .every((one) => actions(one).every((action) => UNNAMEABLE.has(action))),
      ),
    breach: rewriting(
      /module\.worker\.aws_iam_role_policy\.execution/,
      'policy',
      /"Resource":\[?"arn:aws:secretsmanager[^\]}]*\]?/,
      '"Resource":"*"',
    ),
  },
  {
    name: 'the API is denied every bucket, is allowed nothing of S3, and may take the upload role alone',
    findings: (plan) => {
      const all = ofApi(plan).flatMap(({ values }) => statements(values.policy));
      const taking = ofApi(plan).filter(({ address }) => address.endsWith('["take-upload-role"]'));
      return [
        ...unless(
          all.some(
            (one) =>
              at(one, 'Effect') === 'Deny' && actions(one).includes('s3:*') && texts(at(one, 'Resource')).includes('*'),
          ),
          'no denial',
        ),
        ...all
          .filter((one) => allows(one) && actions(one).some((action) => /^(s3|kms|\*)/.test(action)))
          .map((one) => JSON.stringify(one)),
        ...unless(taking.length === 1, 'cannot take the role'),
        ...failing(taking, ({ values }) =>
          statements(values.policy).every(
            (one) => actions(one).join() === 'sts:AssumeRole' && !texts(at(one, 'Resource')).join().includes('*'),
          ),
        ),
      ];
    },
    breach: rewriting(
      /module\.api\.aws_iam_role_policy\.task\["take-upload-role"\]/,
      'policy',
      '"sts:AssumeRole"',
      '["sts:AssumeRole","s3:GetObject"]',
    ),
  },
  {
    name: 'the upload role puts sales and drops, lets go of sales, reads what was rejected, and is told to the API alone',
    findings: (plan) => [
      ...unless(
        ofType(plan, 'aws_iam_role_policy').filter(({ address }) => UPLOAD_POLICY.test(address)).length === 1,
        'no policy',
      ),
      ...failing(
        policies(plan).filter(({ address }) => UPLOAD_POLICY.test(address)),
        ({ values }) =>
          statements(values.policy).every((one) =>
            actions(one).every((action) => texts(at(one, 'Resource')).every((arn) => UPLOADS[action]?.test(arn))),
          ),
      ),
      ...ofType(plan, 'aws_ecs_task_definition')
        .filter((task) => {
          const named = JSON.stringify(containers(task)).includes('LAKE_ROLE_ARN');
          return named !== task.address.includes('module.api.');
        })
        .map(({ address }) => address),
    ],
    breach: rewriting(UPLOAD_POLICY, 'policy', '/drop/*', '/*'),
  },
  {
    name: 'workers delete no model and no features, and reach the buckets of the application alone',
    findings: (plan) =>
      failing(
        policies(plan).filter(({ address }) =>
          /module\.(worker|training\[0\])\.aws_iam_role_policy\.task\["lake"\]/.test(address),
        ),
        ({ values }) =>
          statements(values.policy).every((one) =>
            texts(at(one, 'Resource')).every(
              (arn) =>
                arn.startsWith('arn:aws:kms:') ||
                (actions(one).includes('s3:DeleteObject') ? DELETED_BY_WORKERS : OF_WORKERS).test(arn),
            ),
          ),
      ),
    breach: rewriting(
      /module\.worker\.aws_iam_role_policy\.task\["lake"\]/,
      'policy',
      '"s3:PutObject"',
      '"s3:PutObject","s3:DeleteObject"',
    ),
  },
  {
    name: 'every role says which service, or which one role, takes it',
    findings: (plan) =>
      failing(ofType(plan, 'aws_iam_role'), ({ values }) =>
        statements(values.assume_role_policy).every(
          (one) =>
            at(one, 'Principal', 'Service') !== undefined ||
            /^arn:aws:iam::\d{12}:role\/[^*,]+$/.test(texts(at(one, 'Principal', 'AWS')).join()),
        ),
      ),
    breach: rewriting(/lake_access\.aws_iam_role\.upload/, 'assume_role_policy', /role\/[^"]*/, 'root'),
  },
  {
    name: 'each process has a role of its own',
    findings: (plan) => {
      const tasks = ofType(plan, 'aws_ecs_task_definition');
      const roles = ofType(plan, 'aws_iam_role');
      const own = tasks.map(({ address }) => address.replace('aws_ecs_task_definition.this', 'aws_iam_role.task'));
      const names = roles.filter(({ address }) => own.includes(address)).map(({ values }) => String(values.name));
      return [
        ...unless(new Set(names).size === tasks.length, `${names.join(', ')} for ${tasks.length} processes`),
        ...failing(tasks, (one) => refersTo(one, 'task_role_arn', 'aws_iam_role.task')),
      ];
    },
    breach: without(/module\.worker\.aws_iam_role\.task/),
  },
  {
    name: 'secrets have a key of ours, and no plan holds their values',
    findings: (plan) => [
      ...failing(ofType(plan, 'aws_secretsmanager_secret'), ({ values }) => typeof values.kms_key_id === 'string'),
      ...failing(ofType(plan, 'aws_secretsmanager_secret_version'), ({ values }) => values.secret_string === undefined),
      ...failing(
        ofType(plan, 'aws_db_instance', 'aws_rds_cluster', 'aws_elasticache_replication_group'),
        ({ values }) => ['password', 'master_password', 'auth_token'].every((key) => values[key] === undefined),
      ),
    ],
    breach: setting(/aws_db_instance\.primary/, 'password', 'written down'),
  },
  {
    name: 'the pool knows the groups Admin, Planner and Viewer, and only administrators add users',
    findings: (plan) => {
      const names = ofType(plan, 'aws_cognito_user_group').map(({ values }) => String(values.name));
      return [
        ...unless(names.sort().join() === 'AdminGroup,PlannerGroup,ViewerGroup', names.join()),
        ...failing(
          ofType(plan, 'aws_cognito_user_pool'),
          ({ values }) => at(values.admin_create_user_config, 0, 'allow_admin_create_user_only') === true,
        ),
        ...failing(
          ofType(plan, 'aws_cognito_user_pool_client'),
          ({ values }) =>
            texts(values.allowed_oauth_flows).join() === 'code' && values.prevent_user_existence_errors === 'ENABLED',
        ),
      ];
    },
    breach: without(/aws_cognito_user_group\.this\["ViewerGroup"\]/),
  },
  {
    name: 'outside the home region lie copies and the firewall of the edge, nothing else',
    findings: (plan) =>
      failing(plan.resources, ({ type, provider }) =>
        provider === 'aws.edge'
          ? type === 'aws_wafv2_web_acl'
          : provider !== 'aws.replica' ||
            /^aws_(s3_bucket|kms_replica_key|backup_vault$|db_instance_automated_backups_replication)/.test(type),
      ),
    breach: (resources) => resources.map((one) => (one.type === 'aws_vpc' ? { ...one, provider: 'aws.edge' } : one)),
  },
  {
    name: 'addresses that may be signed in to and back are HTTPS',
    findings: (plan) =>
      failing(ofType(plan, 'aws_cognito_user_pool_client'), ({ values }) =>
        [...list(values.callback_urls), ...list(values.logout_urls)].every((url) => String(url).startsWith('https://')),
      ),
    breach: setting(/aws_cognito_user_pool_client/, 'callback_urls', ['http://app.shelfcast.example/']),
  },
];

// Applies an environment against moto, without the types moto does not know, and searches plan and state for secrets.
//   node infra/tests/moto/apply.mjs dev
// Proves shapes, order and references of calls; nothing about permissions, routes, quotas or health. Ends with 3 where moto is missing.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { planOf } from '../../scripts/plan.mjs';
import {
  copyOfInfra,
  infraFolder,
  offlineOverride,
  terraform,
  terraformEnvironment,
} from '../../scripts/terraform.mjs';

const environment = process.argv[2] ?? 'dev';
const unsupported = Object.keys(
  JSON.parse(readFileSync(join(infraFolder, 'tests', 'moto', 'unsupported.json'), 'utf8')).types,
);

/** Interpreter that has moto, or null. */
function interpreter() {
  return (
    ['python3', 'python'].find(
      (name) => spawnSync(name, ['-c', 'import moto.server'], { stdio: 'ignore' }).status === 0,
    ) ?? null
  );
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function startMoto(python, folder) {
  const port = await freePort();
  const log = openSync(join(folder, 'moto.log'), 'w');
  const script = join(infraFolder, 'tests', 'moto', 'moto_patched.py');
  const child = spawn(python, [script, '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', log, log],
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 120; tries++) {
    if (
      await fetch(`${url}/moto-api/`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return { url, stop: () => child.kill() };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  child.kill();
  throw new Error(`moto did not start:\n${readFileSync(join(folder, 'moto.log'), 'utf8').slice(-2000)}`);
}

/** Services the provider speaks to, by the names of its `endpoints` block. */
const SERVICES =
  'accessanalyzer acm applicationautoscaling backup budgets cloudfront cloudtrail cloudwatch cloudwatchevents cloudwatchlogs cognitoidp configservice ec2 ecr ecs elasticache elbv2 guardduty iam kms rds route53 s3 scheduler secretsmanager sns sts wafv2'.split(
    ' ',
  );

/** What stands where something referred to a resource that is left out. */
const STAND_INS = {
  aws_elasticache_replication_group: 'cache.invalid',
  aws_elasticache_parameter_group: 'default.valkey8',
};

const python = interpreter();
if (!python) {
  console.error('skipped: no Python with moto (pip install "moto[server]==5.2.1")');
  process.exit(3);
}

// What a plan holds of the types that are left out: they cannot be targeted, since others hang on them, so the files lose them.
const plan = await planOf(environment);
const types = new Set(plan.resource_changes.filter(({ mode }) => mode === 'managed').map(({ type }) => type));
const folder = copyOfInfra();
const moto = await startMoto(python, folder);
let status = 1;
try {
  for (const file of readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.tf')))
    leaveOut(join(folder, file));
  const env = { ...terraformEnvironment(folder), AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const root = join(folder, 'environments', environment);
  const endpoints = Object.fromEntries(SERVICES.map((service) => [service, moto.url]));
  writeFileSync(join(root, 'offline_override.tf'), offlineOverride(endpoints, { requestAccount: true }));
  await terraform(root, ['init', '-input=false', '-no-color'], { env });
  const certificate = async (region, name) =>
    (await call(moto.url, region, 'acm', 'CertificateManager.RequestCertificate', { DomainName: name })).CertificateArn;
  const domain = {
    api: 'api.shelfcast.example',
    dashboard: 'app.shelfcast.example',
    api_certificate_arn: await certificate('ap-south-1', 'api.shelfcast.example'),
    dashboard_certificate_arn: await certificate('us-east-1', 'app.shelfcast.example'),
  };
  const given = { image_tag: '0'.repeat(40), account_id: '123456789012', domain: JSON.stringify(domain) };
  const variables = Object.entries(given).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
  await terraform(root, ['plan', '-input=false', '-no-color', '-out=this.tfplan', ...variables], {
    env,
    timeoutMs: 300_000,
  });
  const result = await terraform(root, ['apply', '-input=false', '-no-color', '-parallelism=20', 'this.tfplan'], {
    env,
    timeoutMs: 900_000,
    acceptFailure: true,
  });
  const made = /Apply complete! Resources: (\d+) added/.exec(result.stdout)?.[1];
  const errors = result.stderr.split('\n').filter((line) => /^(│ )?Error: |with module/.test(line));
  console.log(
    made
      ? `${environment}: ${made} resources of ${types.size - unsupported.filter((type) => types.has(type)).length} types made`
      : `${environment}: apply failed\n${errors.join('\n')}`,
  );
  const leaked = await secretsIn(root, moto.url, env);
  console.log(leaked.length === 0 ? 'no secret in plan or state' : `secrets in ${leaked.join(', ')}`);
  status = made && leaked.length === 0 ? 0 : 1;
} finally {
  moto.stop();
  if (status === 0) rmSync(folder, { recursive: true, force: true });
  else console.error(`kept for a look: ${folder}`);
}
process.exit(status);

/** Takes the blocks of unknown types out of a file, and puts a name in the place of what referred to them. */
function leaveOut(file) {
  let text = readFileSync(file, 'utf8');
  for (const type of unsupported) {
    text = text.replace(new RegExp(`^resource "${type}" "[^"]+" \\{\\n[\\s\\S]*?^\\}\\n`, 'gm'), '');
    text = text.replace(new RegExp(`${type}\\.\\w+\\.\\w+`, 'g'), `"${STAND_INS[type] ?? 'left-out'}"`);
  }
  // A function that is left out is associated with nothing.
  text = text.replace(/^    function_association \{\n[\s\S]*?^    \}\n/gm, '');
  text = text.replace(/^    response_headers_policy_id = .*\n/gm, '');
  writeFileSync(file, text);
}

/** One call of a service that speaks JSON. */
async function call(url, region, service, target, body) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20250101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/** Names in plan, state and the values of this moto's secrets: none of the latter may stand in the former. */
async function secretsIn(root, url, env) {
  const names = [
    ...['JWT_SECRET', 'ADMIN_PASSWORD', 'REDIS_PASSWORD'],
    ...['DATABASE_PASSWORD', 'API_DATABASE_PASSWORD', 'WORKER_DATABASE_PASSWORD'],
  ];
  const values = await Promise.all(
    names.map(async (name) => {
      const secret = { SecretId: `shelfcast-${environment}/${name}` };
      const answer = await call(url, 'ap-south-1', 'secretsmanager', 'secretsmanager.GetSecretValue', secret);
      return { name, value: answer.SecretString };
    }),
  );
  const missing = values.filter(({ value }) => typeof value !== 'string' || value.length < 32);
  if (missing.length > 0) return missing.map(({ name }) => `${name} (was not made)`);
  const { stdout } = await terraform(root, ['show', '-json', 'this.tfplan'], { env });
  const state = existsSync(join(root, 'terraform.tfstate'))
    ? readFileSync(join(root, 'terraform.tfstate'), 'utf8')
    : '';
  if (state.length < 1000) return ['no state'];
  return values.filter(({ value }) => stdout.includes(value) || state.includes(value)).map(({ name }) => name);
}

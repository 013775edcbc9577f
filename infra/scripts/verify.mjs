// Everything that can be known of the infrastructure without an account: `npm run infra:verify`.
// Says what it skips and why; ends with 1 if anything failed. Takes about half an hour on two busy cores.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { digest, digestText, ENVIRONMENTS, mockedResources, planOf, readFixture } from './plan.mjs';
import {
  copyOfInfra,
  infraFolder,
  SECRET_MARK,
  terraform,
  terraformEnvironment,
  terraformVersion,
} from './terraform.mjs';

const CERTIFICATES = {
  api_certificate_arn: 'arn:aws:acm:ap-south-1:111111111111:certificate/00000000-0000-4000-8000-000000000001',
  dashboard_certificate_arn: 'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-4000-8000-000000000002',
};
/** Names that a zone leads to load balancer and distribution. */
const RECORDS = 'api.dev.shelfcast.example A,app.dev.shelfcast.example A,app.dev.shelfcast.example AAAA';

const only = process.argv.slice(2);
const results = [];
/** Runs a part unless others were asked for; what it returns is told, what it throws is a failure. */
async function part(name, work) {
  if (only.length > 0 && !only.includes(name)) return;
  const start = Date.now();
  const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
  try {
    const told = await work();
    const skipped = told?.startsWith('skipped');
    results.push({ name, outcome: skipped ? 'skipped' : 'passed' });
    console.log(`${skipped ? '–' : '✓'} ${name}: ${told ?? 'as it should be'} (${seconds()})`);
  } catch (error) {
    results.push({ name, outcome: 'failed' });
    console.log(`✗ ${name} (${seconds()})\n${error.message}`);
  }
}

const version = terraformVersion();
if (!version) {
  console.log('skipped: Terraform is not installed; only the rules over the recorded plans run, with `npm test`');
  process.exit(0);
}
const folder = copyOfInfra();
const env = terraformEnvironment(folder);
const modules = readdirSync(join(folder, 'modules')).map((name) => join('modules', name));
const roots = [...ENVIRONMENTS.map((name) => join('environments', name)), 'bootstrap'];
const init = (root) => terraform(join(folder, root), ['init', '-backend=false', '-input=false', '-no-color'], { env });

try {
  await part('format', async () => {
    const { stdout } = await terraform(infraFolder, ['fmt', '-check', '-recursive', '-list=true'], {
      env,
      acceptFailure: true,
    });
    if (stdout.trim()) throw new Error(`not formatted: ${stdout.trim()}`);
    return `Terraform ${version}`;
  });

  await part('validate', async () => {
    for (const root of roots) {
      await init(root);
      await terraform(join(folder, root), ['validate', '-no-color'], { env });
    }
    return `${roots.length} roots and the modules they call`;
  });

  await part('test', async () => {
    let passed = 0;
    const failures = [];
    for (const place of [...modules, 'stack'].filter((one) => existsSync(join(folder, one, 'tests')))) {
      await init(place);
      const { status, stdout, stderr } = await terraform(join(folder, place), ['test', '-no-color'], {
        env,
        acceptFailure: true,
      });
      passed += Number(/(\d+) passed/.exec(stdout)?.[1] ?? 0);
      if (status !== 0) failures.push(`${place}\n${stdout}${stderr}`);
    }
    if (failures.length > 0) throw new Error(failures.join('\n'));
    return `${passed} runs with mocked answers`;
  });

  await part('plans', async () => {
    for (const environment of ENVIRONMENTS) {
      const plan = await planOf(environment);
      if (JSON.stringify(plan).includes(SECRET_MARK)) throw new Error(`the plan of ${environment} holds a secret`);
      const text = digestText(digest(plan, await mockedResources(environment)));
      if (text !== readFixture(environment))
        throw new Error(`the recorded plan of ${environment} is not what is planned: npm run infra:record`);
    }
    return `${ENVIRONMENTS.length} environments as recorded, no secret in them`;
  });

  await part('variants', async () => {
    const aurora = await planOf('dev', { database_mode: 'aurora_serverless' });
    const types = new Set(aurora.resource_changes.map(({ type }) => type));
    if (!types.has('aws_rds_cluster') || types.has('aws_db_instance')) throw new Error('Aurora was not planned');
    const elsewhere = { region: 'us-east-1', azs: ['us-east-1a', 'us-east-1b'] };
    const abroad = await planOf('dev', { ...elsewhere, data_residency: null });
    const endpoint = abroad.resource_changes.find(({ address }) =>
      address.endsWith('module.network.aws_vpc_endpoint.s3'),
    );
    if (endpoint?.change.after.service_name !== 'com.amazonaws.us-east-1.s3')
      throw new Error('the other region was not planned');
    const refused = await planOf('dev', elsewhere).then(
      () => false,
      (error) => /allows ap-south-1 and ap-south-2 alone/.test(error.message.replace(/[│\s]+/g, ' ')),
    );
    if (!refused) throw new Error('data outside India was not refused');
    const named = await planOf('dev', {
      domain: {
        ...CERTIFICATES,
        api: 'api.dev.shelfcast.example',
        dashboard: 'app.dev.shelfcast.example',
        hosted_zone_id: 'Z0123456789ABCDEF',
      },
      bedrock: { enabled: true, model_ids: ['vendor.model-v1:0'] },
    });
    const records = named.resource_changes
      .filter(({ type }) => type === 'aws_route53_record')
      .map(({ change }) => change.after);
    if (
      records
        .map(({ name, type }) => `${name} ${type}`)
        .sort()
        .join() !== RECORDS
    )
      throw new Error('the names were not planned');
    const has = (ending) => named.resource_changes.some(({ address }) => address.endsWith(ending));
    if (
      !has('aws_vpc_endpoint.interface["bedrock-runtime"]') ||
      !has('module.api.aws_iam_role_policy.task["ask-models"]')
    )
      throw new Error('language models were not planned');
    if (has('module.worker.aws_iam_role_policy.task["ask-models"]')) throw new Error('workers may ask models');
    return 'Aurora; another region; data outside India refused; names in a zone; language models for the API alone';
  });

  await part('moto', async () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(infraFolder, 'tests', 'moto', 'apply.mjs'), 'dev'],
      { encoding: 'utf8' },
    );
    if (status === 3) return stderr.trim();
    if (status !== 0) throw new Error(stdout + stderr);
    return stdout.trim().replaceAll('\n', '; ');
  });

  await part('rules', async () => {
    const jest = join('node_modules', 'jest', 'bin', 'jest.js');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--experimental-vm-modules', jest, '--selectProjects=infra', '-i'],
      {
        cwd: join(infraFolder, '..'),
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(stderr);
    return /Tests:\s+(.*)/.exec(stderr)?.[1];
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const count = (outcome) => results.filter((one) => one.outcome === outcome).length;
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
process.exit(count('failed') > 0 ? 1 : 0);

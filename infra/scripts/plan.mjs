// Plans an environment where no account is, and digests plan and mocked result for the rules in tests/policy.
//   node infra/scripts/plan.mjs prod             the plan as JSON
//   node infra/scripts/plan.mjs --hash           what the sources hash to
//   node infra/scripts/plan.mjs --fixtures       writes tests/policy/fixtures anew, after a change of what is described
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  copyOfInfra,
  infraFolder,
  offlineOverride,
  passwordStandIn,
  sources,
  terraform,
  terraformEnvironment,
} from './terraform.mjs';

export const ENVIRONMENTS = ['dev', 'staging', 'prod'];
const IMAGE_TAG = '0000000000000000000000000000000000000000';

/** Hash of everything a digest depends on: a fixture that was made of other sources says so. */
export function sourcesHash() {
  const hash = createHash('sha256');
  for (const { path, text } of sources()) hash.update(`${path}\0${text}\0`);
  return hash.digest('hex');
}

/** The plan of an environment as `terraform show -json` gives it. */
export async function planOf(environment, variables = {}) {
  const folder = copyOfInfra();
  const standIn = await passwordStandIn();
  try {
    const env = terraformEnvironment(folder);
    const root = join(folder, 'environments', environment);
    writeFileSync(join(root, 'offline_override.tf'), offlineOverride({ secretsmanager: standIn.url }));
    await terraform(root, ['init', '-input=false', '-no-color'], { env });
    writeFileSync(join(root, 'given.auto.tfvars.json'), JSON.stringify({ image_tag: IMAGE_TAG, ...variables }));
    await terraform(root, ['plan', '-input=false', '-no-color', '-lock=false', '-out=this.tfplan'], { env });
    const { stdout } = await terraform(root, ['show', '-json', 'this.tfplan'], { env });
    return JSON.parse(stdout);
  } finally {
    standIn.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The planned resources of an environment with mocked answers of AWS: unlike in a plan against nothing, every value is
 * known, policies and container definitions among them. Identifiers are invented, the same for all of a type.
 */
export async function mockedResources(environment) {
  const folder = copyOfInfra();
  try {
    const env = terraformEnvironment(folder);
    const root = join(folder, 'environments', environment);
    // Ephemeral resources cannot be mocked.
    writeFileSync(
      join(root, 'secrets.tf'),
      `locals {\n  secret_values = { for name in ["jwt_secret", "admin_password", "redis_password", "database_password", "api_database_password", "worker_database_password"] : name => "mocked-secret-value" }\n}\n`,
    );
    mkdirSync(join(root, 'tests'));
    const mocks = ['', 'replica', 'edge'].map(
      (alias) => `mock_provider "aws" {\n${alias ? `  alias  = "${alias}"\n` : ''}  source = "../../tests/mocks"\n}\n`,
    );
    writeFileSync(
      join(root, 'tests', 'all.tftest.hcl'),
      `${mocks.join('')}run "plan" {\n  command = plan\n  variables {\n    image_tag = "${IMAGE_TAG}"\n  }\n}\n`,
    );
    await terraform(root, ['init', '-input=false', '-no-color', '-backend=false'], { env });
    const { stdout } = await terraform(root, ['test', '-json', '-verbose'], { env, acceptFailure: true });
    const messages = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const planned = messages.find(({ type }) => type === 'test_plan')?.test_plan;
    const errors = messages.flatMap(({ diagnostic }) =>
      diagnostic?.severity === 'error'
        ? [`${diagnostic.address ?? ''} ${diagnostic.summary}: ${diagnostic.detail}`]
        : [],
    );
    if (!planned || errors.length > 0)
      throw new Error(`The mocked run of ${environment} failed:\n${errors.join('\n')}`);
    return planned.resource_changes.filter(({ mode }) => mode === 'managed');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** References of each attribute by the address in the configuration, which has no keys of instances. */
function references(module, prefix = '') {
  const collect = (value) =>
    Array.isArray(value)
      ? value.flatMap(collect)
      : value && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, child]) => (key === 'references' ? child : collect(child)))
        : [];
  const own = (module.resources ?? []).map((resource) => [
    prefix + resource.address,
    {
      provider: resource.provider_config_key.split(':').at(-1),
      written: Object.keys(resource.expressions ?? {}),
      refs: Object.fromEntries(
        Object.entries(resource.expressions ?? {})
          .map(([name, expression]) => [name, [...new Set(collect(expression))]])
          .filter(([, list]) => list.length > 0),
      ),
    },
  ]);
  const below = Object.entries(module.module_calls ?? {}).flatMap(([name, call]) =>
    references(call.module, `${prefix}module.${name}.`),
  );
  return [...own, ...below];
}

const withoutNulls = (value) =>
  Array.isArray(value)
    ? value.map(withoutNulls)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, child]) => child !== null)
            .map(([key, child]) => [key, withoutNulls(child)]),
        )
      : value;

const planned = (module) => [
  ...(module.resources ?? []).filter(({ mode }) => mode === 'managed'),
  ...(module.child_modules ?? []).flatMap(planned),
];

/** Resources with what the configuration says of them, values and references, by address: what the rules look at. */
export function digest(plan, resources) {
  const configured = new Map(references(plan.configuration.root_module));
  const known = new Map(planned(plan.planned_values.root_module).map(({ address, values }) => [address, values]));
  return resources
    .map(({ address, type, name, change }) => {
      const { provider, refs, written } = configured.get(address.replace(/\[(?:"[^"]*"|\d+)\]/g, ''));
      // What neither the configuration writes nor the plan knows is a mock's invention, different each time.
      const values = Object.fromEntries(
        Object.entries(change.after).filter(([key]) => written.includes(key) || key in known.get(address)),
      );
      return { address, type, name, provider, values: withoutNulls(values), refs };
    })
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

export const fixtureFile = (environment) => join(infraFolder, 'tests', 'policy', 'fixtures', `${environment}.jsonl`);

/** A digest as text: the hash of its sources, then one resource a line, so that a change can be read. */
export const digestText = (resources) =>
  [{ sources: sourcesHash() }, ...resources].map((line) => JSON.stringify(line)).join('\n') + '\n';

async function main(argument) {
  if (argument === '--hash') {
    console.log(sourcesHash());
    return;
  }
  if (argument !== '--fixtures') {
    process.stdout.write(JSON.stringify(await planOf(argument)));
    return;
  }
  for (const environment of ENVIRONMENTS) {
    const text = digestText(digest(await planOf(environment), await mockedResources(environment)));
    mkdirSync(join(infraFolder, 'tests', 'policy', 'fixtures'), { recursive: true });
    writeFileSync(fixtureFile(environment), text);
    console.log(`${environment}: ${text.split('\n').length - 2} resources`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv[2] ?? 'prod');
export const readFixture = (environment) => readFileSync(fixtureFile(environment), 'utf8');

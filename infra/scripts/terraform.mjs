// Finds Terraform and its provider, and runs it on a copy of this folder, so that nothing here is touched.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const infraFolder = fileURLToPath(new URL('..', import.meta.url));
const PROVIDER = join('registry.terraform.io', 'hashicorp', 'aws');

/** Version of the Terraform on the path, or null. */
export function terraformVersion() {
  const { status, stdout } = spawnSync('terraform', ['version', '-json'], { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout.slice(stdout.indexOf('{'))).terraform_version : null;
}

/** Folder of a mirror that holds the AWS provider, where people and packages put one; null = the registry is asked. */
function mirror() {
  const listed = (folder) => {
    try {
      return readdirSync(folder).map((name) => join(folder, name));
    } catch {
      return [];
    }
  };
  const candidates = [
    join(homedir(), '.terraform.d', 'plugins'),
    ...['/opt', '/usr/share', '/usr/local/share'].flatMap(listed),
    ...['/usr/share/terraform', '/usr/local/share/terraform'].flatMap(listed),
  ];
  return candidates.find((folder) => existsSync(join(folder, PROVIDER))) ?? null;
}

/** Environment to run Terraform in: no prompts, no calls home, and a configuration file that exists. */
export function terraformEnvironment(folder) {
  const named = process.env.TF_CLI_CONFIG_FILE;
  const env = {
    ...process.env,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    // The provider must never find somebody's real account.
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nobody',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-aws-credentials'),
  };
  delete env.AWS_PROFILE;
  if (named && existsSync(named)) return env;
  const file = join(folder, 'terraform.rc');
  const found = mirror();
  const installation = found
    ? `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(found)}\n  }\n}\n`
    : '';
  writeFileSync(file, `disable_checkpoint = true\n${installation}`);
  return { ...env, TF_CLI_CONFIG_FILE: file };
}

/** A copy of this folder in a temporary one, without what Terraform leaves behind. */
export function copyOfInfra() {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-infra-'));
  cpSync(infraFolder, folder, {
    recursive: true,
    filter: (path) => !/(^|[\\/])(\.terraform|\.terraform\.lock\.hcl|.*\.tfstate.*|node_modules)$/.test(path),
  });
  return folder;
}

/** Runs Terraform; rejects with its output unless it ends well. */
export function terraform(cwd, args, { env, timeoutMs = 600_000, acceptFailure = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn('terraform', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      if (status === 0 || acceptFailure) resolve({ status, stdout, stderr });
      else reject(new Error(`terraform ${args.join(' ')} in ${cwd} ended with ${status}\n${stderr || stdout}`));
    });
  });
}

/**
 * Settings that let a root be planned where no account is: no call to AWS but the one for random passwords, which goes
 * to `endpoints`. Written as an override, so that the roots themselves know nothing of it.
 */
export function offlineOverride(endpoints, { requestAccount = false } = {}) {
  const body = (alias) => `provider "aws" {
${alias ? `  alias = "${alias}"\n` : ''}  access_key                  = "nobody"
  secret_key                  = "nobody"
  max_retries                 = 2
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = ${!requestAccount}
  s3_use_path_style           = true
  allowed_account_ids         = null
  endpoints {
${Object.entries(endpoints)
  .map(([service, url]) => `    ${service} = "${url}"`)
  .join('\n')}
  }
}
`;
  return `terraform {\n  backend "local" {}\n}\n${['', 'replica', 'edge'].map(body).join('\n')}`;
}

/** Stands in for Secrets Manager's GetRandomPassword, the one call a plan makes; answers nothing else. */
export async function passwordStandIn() {
  const server = createServer((request, response) => {
    const wanted = request.headers['x-amz-target'] === 'secretsmanager.GetRandomPassword';
    response.writeHead(wanted ? 200 : 501, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(
      JSON.stringify(wanted ? { RandomPassword: SECRET_MARK.repeat(3) } : { message: 'only passwords here' }),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** What the stand-in's passwords are made of: where it turns up, a secret has been written down. */
export const SECRET_MARK = 'CanarySecretValue';

/** Every Terraform file and test of this folder, sorted, with its text. */
export function sources(folder = infraFolder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => /\.(tf|tfvars|tftpl|tfmock\.hcl)$/.test(path) && !/(^|[\\/])\.terraform/.test(path))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
}

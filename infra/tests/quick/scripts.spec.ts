import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const TOKEN = 'a-token-of-more-than-16-characters';
let folder: string;

/** Writes down what it is called with and what it is given, and answers like AWS's command line for one release. */
const STAND_IN = `#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$CALLS"
case "$1 $2" in
  'secretsmanager get-secret-value') printf '%s\\n' "$SECRET" ;;
  'elasticache modify-replication-group') cat >>"$GIVEN" ;;
  'ecs list-services') printf 'arn:one\\tarn:two\\n' ;;
  'ecs describe-services')
    case "$*" in
      *networkConfiguration*) echo '{"awsvpcConfiguration": {"subnets": ["subnet-1"]}}' ;;
      *rolloutState*) echo "$FAILED" ;;
      *) echo '[{"service": "shelfcast-x-api", "definition": "shelfcast-x-api:7"}, {"service": "shelfcast-x-worker", "definition": "shelfcast-x-worker:5"}]' ;;
    esac ;;
  'ecs describe-task-definition') echo '{"family": "shelfcast-x-migrate", "revision": 3, "containerDefinitions": [{"name": "migrate", "image": "old:1"}]}' ;;
  'ecs register-task-definition') echo 'shelfcast-x-migrate:4' ;;
  'ecs run-task') echo 'arn:task' ;;
  'ecs describe-tasks') echo "$EXIT_CODE" ;;
  'rds describe-db-instances') echo '{"subnets": "own-subnets", "groups": ["sg-1", "sg-2"], "parameters": "own-parameters", "class": "db.m7g.large", "zones": true}' ;;
  'rds describe-db-instance-automated-backups') printf '%s\\n' "$COPY" ;;
esac
`;

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly calls: string[];
  readonly given: string;
}

async function run(script: string, args: string[], variables: Record<string, string> = {}): Promise<Ended> {
  const [calls, given] = ['calls', 'given'].map((name) => join(folder, name));
  for (const file of [calls, given]) rmSync(file, { force: true });
  const child = spawn(join('infra', 'scripts', script), args, {
    env: {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      CALLS: calls,
      GIVEN: given,
      SECRET: TOKEN,
      EXIT_CODE: '0',
      FAILED: '0',
      SMOKE_PAUSE_SECONDS: '0',
      COPY: 'arn:copy',
      ...variables,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return { status, output, calls: read(calls).trim().split('\n'), given: read(given) };
}

const missing = ['bash', 'jq', 'curl'].filter(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status !== 0,
);
if (missing.length > 0) {
  process.stderr.write(
    `infrastructure: ${missing.join(', ')} not installed, so the scripts of a release are not run\n`,
  );
  describe('scripts of a release', () => {
    it('are there', () => expect(existsSync('infra/scripts/release.sh')).toBe(true));
  });
} else {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'shelfcast-aws-'));
    writeFileSync(join(folder, 'aws'), STAND_IN);
    chmodSync(join(folder, 'aws'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe('the token of the cache', () => {
    it('is brought in beside the old one, then alone, and stands in no argument and no output', async () => {
      const { status, calls, given, output } = await run('cache-token.sh', ['shelfcast-x', 'arn:secret']);
      expect(status).toBe(0);
      const steps = given
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, string>);
      expect(steps.map(({ AuthTokenUpdateStrategy }) => AuthTokenUpdateStrategy)).toEqual(['ROTATE', 'SET']);
      expect(steps.map(({ AuthToken }) => AuthToken)).toEqual([TOKEN, TOKEN]);
      expect(calls.filter((call) => call.includes('wait replication-group-available'))).toHaveLength(2);
      expect(calls.join('\n') + output).not.toContain(TOKEN);
    });

    it('is refused when it is none', async () => {
      const { status, calls } = await run('cache-token.sh', ['shelfcast-x', 'arn:secret'], { SECRET: 'None' });
      expect(status).toBe(1);
      expect(calls).toHaveLength(1);
    });
  });

  describe('a release', () => {
    it('notes what runs, and gives it back', async () => {
      const file = join(folder, 'before.json');
      expect((await run('release.sh', ['note', 'shelfcast-x', file])).status).toBe(0);
      const { status, calls } = await run('release.sh', ['back', 'shelfcast-x', file]);
      expect(status).toBe(0);
      expect(calls.filter((call) => call.startsWith('ecs update-service'))).toEqual([
        expect.stringContaining('--service shelfcast-x-api --task-definition shelfcast-x-api:7'),
        expect.stringContaining('--service shelfcast-x-worker --task-definition shelfcast-x-worker:5'),
      ]);
    });

    it('migrates with the new image, in the network of the API, and waits for the end', async () => {
      const { status, calls } = await run('release.sh', ['migrate', 'shelfcast-x', 'new:2']);
      expect(status).toBe(0);
      const registered = calls.join('\n').slice(calls.join('\n').indexOf('ecs register-task-definition'));
      expect(registered).toContain('"image": "new:2"');
      expect(registered).not.toContain('"revision"');
      expect(calls.find((call) => call.startsWith('ecs run-task'))).toContain('subnet-1');
      expect(calls.some((call) => call.startsWith('ecs wait tasks-stopped'))).toBe(true);
    });

    it('ends where a migration fails, or a deployment was taken back', async () => {
      expect((await run('release.sh', ['migrate', 'shelfcast-x', 'new:2'], { EXIT_CODE: '1' })).status).toBe(1);
      expect((await run('release.sh', ['wait', 'shelfcast-x'], { FAILED: '1' })).status).toBe(1);
      expect((await run('release.sh', ['wait', 'shelfcast-x'])).status).toBe(0);
    });

    it('says how it is used', async () => {
      const { status, output } = await run('release.sh', ['everything', 'shelfcast-x']);
      expect(status).toBe(2);
      expect(output).toContain('release.sh migrate CLUSTER IMAGE');
    });
  });

  describe('a recovery', () => {
    const moment = '2026-11-30T10:14:59Z';
    const changes = (calls: string[]) => calls.filter((call) => call !== '' && !/ (describe-|wait )/.test(call));

    it('restores to a moment beside the database, with all that the original has', async () => {
      const { status, calls } = await run('recover.sh', ['point', 'shelfcast-x', moment]);
      expect(status).toBe(0);
      const [restore, ...others] = changes(calls);
      expect(others).toEqual([]);
      for (const part of [
        '--source-db-instance-identifier shelfcast-x --target-db-instance-identifier shelfcast-x-restored',
        `--restore-time=${moment}`,
        '--db-subnet-group-name own-subnets',
        '--db-parameter-group-name own-parameters',
        '--vpc-security-group-ids sg-1 sg-2 --multi-az --no-publicly-accessible',
      ])
        expect(restore).toContain(part);
      expect(calls.at(-1)).toBe('rds wait db-instance-available --db-instance-identifier shelfcast-x-restored');
    });

    it('gives the restored one the name of the damaged one, which keeps its data', async () => {
      const { status, calls } = await run('recover.sh', ['swap', 'shelfcast-x'], { PAUSE_SECONDS: '0' });
      expect(status).toBe(0);
      expect(
        changes(calls).map((call) => /identifier (\S+) --new-db-instance-identifier (\S+)/.exec(call)?.slice(1)),
      ).toEqual([
        ['shelfcast-x', 'shelfcast-x-damaged'],
        ['shelfcast-x-restored', 'shelfcast-x'],
      ]);
    });

    it('restores the copy in another region, and says where there is none', async () => {
      const there = { SUBNET_GROUP: 'dr-subnets', SECURITY_GROUP: 'sg-dr' };
      const { status, calls } = await run('recover.sh', ['region', 'shelfcast-x', 'ap-south-2'], there);
      expect(status).toBe(0);
      expect(changes(calls)).toEqual([
        expect.stringContaining('--region ap-south-2 --source-db-instance-automated-backups-arn arn:copy'),
      ]);
      const none = await run('recover.sh', ['region', 'shelfcast-x', 'ap-south-2'], { ...there, COPY: 'None' });
      expect([none.status, changes(none.calls)]).toEqual([1, []]);
      expect((await run('recover.sh', ['region', 'shelfcast-x', 'ap-south-2'])).status).not.toBe(0);
    });

    it.each([
      ['point', moment, 'restore-db-instance-to-point-in-time'],
      ['region', 'ap-south-2', 'restore-db-instance-to-point-in-time'],
      ['swap', '', 'modify-db-instance'],
      ['failover', '', 'reboot-db-instance'],
    ])('run dry looks, changes nothing, and says what %s would do', async (step, argument, call) => {
      const variables = { DRY_RUN: '1', SUBNET_GROUP: 'dr-subnets', SECURITY_GROUP: 'sg-dr' };
      const { status, calls, output } = await run(
        'recover.sh',
        [step, 'shelfcast-x', ...(argument ? [argument] : [])],
        variables,
      );
      expect(status).toBe(0);
      expect(changes(calls)).toEqual([]);
      expect(output).toContain(`would: aws rds ${call}`);
      expect(output).toMatch(new RegExp(`${step} took \\d+ s`));
    });

    it('refuses a moment it cannot read, and tells how it is used', async () => {
      const { status, calls } = await run('recover.sh', ['point', 'shelfcast-x', 'yesterday']);
      expect([status, changes(calls)]).toEqual([1, []]);
      expect((await run('recover.sh', ['point'])).output).toContain('recover.sh swap');
    });
  });

  describe('a smoke test', () => {
    let server: Server;
    let answers: Record<string, number>;
    let url: string;
    beforeAll(async () => {
      server = createServer((request, response) => response.writeHead(answers[request.url ?? ''] ?? 404).end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    });
    afterAll(() => void server.close());
    const good = { '/health/ready': 200, '/openapi.json': 200, '/api/v1/products': 401 };

    it('passes what answers and refuses as it should', async () => {
      answers = good;
      expect((await run('release.sh', ['smoke', url])).status).toBe(0);
    });

    it.each([
      ['is not ready', { '/health/ready': 503 }],
      ['lets anybody read', { '/api/v1/products': 200 }],
      ['shows its metrics', { '/metrics': 200 }],
    ])('fails what %s', async (_, changed) => {
      answers = { ...good, ...changed };
      expect((await run('release.sh', ['smoke', url])).status).toBe(1);
    });
  });
}

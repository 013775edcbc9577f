import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ENVIRONMENTS, ofType, Plan, recorded } from '../policy/resources.ts';

function run(command: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, output: status === 0 ? '' : `${stdout ?? ''}${stderr ?? ''}` };
}
const has = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const well = { status: 0, output: '' };

describe('what is written about the infrastructure', () => {
  it.each(ENVIRONMENTS)('the recorded plan of %s was made of these sources', (environment) => {
    const { stdout } = spawnSync('node', ['infra/scripts/plan.mjs', '--hash'], { encoding: 'utf8' });
    // Out of date: `npm run infra:record` makes the plans again.
    expect(recorded(environment).sources).toBe(stdout.trim());
  });

  it('tables of inputs and outputs are those of the files, each typed and described', () => {
    expect(run('node', 'infra/scripts/docs.mjs', '--check')).toEqual(well);
  });

  it('the cost table is what prices and usage give', () => {
    expect(run('node', 'infra/cost/table.mjs', '--check')).toEqual(well);
  });

  it.each(ENVIRONMENTS)('usage of %s is counted with the sizes of its plan', (environment) => {
    const usage = JSON.parse(readFileSync('infra/cost/usage.json', 'utf8')) as Record<string, Usage>;
    expect(sizes(usage[environment])).toEqual(plannedSizes(recorded(environment).plan));
  });

  it('usage of the small profile is counted with the sizes of dev, with all its tasks', () => {
    const usage = JSON.parse(readFileSync('infra/cost/usage.json', 'utf8')) as Record<string, Usage>;
    const { plan } = recorded('dev');
    const most = ofType(plan, 'aws_appautoscaling_target').find(({ address }) => address.includes('module.api.'));
    const planned = plannedSizes(plan);
    expect(sizes(usage.small)).toEqual({
      ...planned,
      api: [Number(most?.values.max_capacity), ...planned.api.slice(1)],
    });
  });

  it.each(ENVIRONMENTS)(
    'the budget of %s lies above what the table counts, and is passed before that doubles',
    (name) => {
      const { stdout } = spawnSync('node', ['infra/cost/table.mjs', '--totals'], { encoding: 'utf8' });
      const total = (JSON.parse(stdout) as Record<string, number>)[name];
      const [budget] = ofType(recorded(name).plan, 'aws_budgets_budget');
      expect(Number(budget.values.limit_amount)).toBeGreaterThan(total);
      expect(Number(budget.values.limit_amount)).toBeLessThan(2 * total);
    },
  );

  it('types that moto does not know do not grow more', () => {
    const { types } = JSON.parse(readFileSync('infra/tests/moto/unsupported.json', 'utf8')) as {
      types: Record<string, string>;
    };
    expect(Object.keys(types).length).toBeLessThanOrEqual(MOST_UNSUPPORTED);
    expect(Object.values(types).filter((reason) => reason.length < 5)).toEqual([]);
  });
});

/** Measured with moto 5.2.1. */
const MOST_UNSUPPORTED = 13;

interface Task {
  readonly vcpu: number;
  readonly gb: number;
}
interface Usage {
  readonly nat: number;
  readonly endpoints: number;
  readonly alarms: number;
  readonly kms_keys: number;
  readonly secrets: number;
  readonly api: { readonly tasks: number; readonly vcpu: number; readonly gb: number };
  readonly worker: Task;
  /** Absent = the workers train too. */
  readonly training?: Task;
  readonly db: { readonly class: string; readonly multi_az: boolean; readonly replicas: number; readonly gb: number };
  readonly cache: { readonly type: string; readonly nodes: number };
}

const sizes = ({ nat, endpoints, alarms, kms_keys: keys, secrets, api, worker, training, db, cache }: Usage) => ({
  nat,
  endpoints,
  alarms,
  keys,
  secrets,
  api: [api.tasks, api.vcpu * 1024, api.gb * 1024],
  worker: [worker.vcpu * 1024, worker.gb * 1024],
  training: training ? [training.vcpu * 1024, training.gb * 1024] : [],
  db: [db.class, db.multi_az, db.replicas, db.gb],
  cache: [cache.type, cache.nodes],
});

function plannedSizes(plan: Plan): ReturnType<typeof sizes> {
  const one = (type: string, part: string) => {
    const found = ofType(plan, type).find(({ address }) => address.includes(part));
    if (!found) throw new Error(`no ${type} ${part}`);
    return found.values;
  };
  const task = (process: string) => {
    const { cpu, memory } = one('aws_ecs_task_definition', `module.${process}.`);
    return [Number(cpu), Number(memory)];
  };
  const db = one('aws_db_instance', 'primary');
  const cache = one('aws_elasticache_replication_group', '');
  return {
    nat: ofType(plan, 'aws_nat_gateway').length,
    alarms: ofType(plan, 'aws_cloudwatch_metric_alarm').length,
    keys: ofType(plan, 'aws_kms_key', 'aws_kms_replica_key').length,
    secrets: ofType(plan, 'aws_secretsmanager_secret').length,
    endpoints: ofType(plan, 'aws_vpc_endpoint').filter(({ name }) => name === 'interface').length,
    api: [Number(one('aws_appautoscaling_target', 'module.api.').min_capacity), ...task('api')],
    worker: task('worker'),
    training: plan.environment === 'prod' ? task('training[0]') : [],
    db: [
      String(db.instance_class),
      db.multi_az === true,
      ofType(plan, 'aws_db_instance').length - 1,
      Number(db.allocated_storage),
    ],
    cache: [String(cache.node_type), Number(cache.num_cache_clusters)],
  };
}

interface Workflow {
  readonly name: string;
  readonly on: object;
  readonly permissions: Record<string, string>;
  readonly jobs: Record<
    string,
    {
      readonly needs?: string | string[];
      readonly 'timeout-minutes'?: number;
      readonly uses?: string;
      readonly steps?: readonly Step[];
    }
  >;
}
interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Record<string, string>;
}

describe('runbooks', () => {
  const folder = 'infra/runbooks';
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

  it.each(readdirSync(folder))('%s names scripts and steps that are there', (file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    for (const [, script, step] of text.matchAll(/infra\/scripts\/(\w+\.sh)(?: ([a-z]+))?/g))
      expect(readFileSync(`infra/scripts/${script}`, 'utf8')).toContain(step ? `  ${step}) ` : '#!');
    for (const [, name] of text.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts)).toContain(name);
  });
});

describe('workflows', () => {
  const folder = '.github/workflows';
  const workflows = readdirSync(folder).map((file) => parse(readFileSync(`${folder}/${file}`, 'utf8')) as Workflow);

  it('are there, name themselves, and take no more rights than they say', () => {
    expect(workflows.map(({ name }) => name).sort()).toEqual(['plan', 'release', 'test']);
    expect(
      workflows.filter(({ permissions }) => permissions.contents !== 'read' || permissions['id-token'] === 'read'),
    ).toEqual([]);
  });

  it('have jobs that end in time and need jobs that exist', () => {
    for (const { jobs } of workflows)
      for (const job of Object.values(jobs)) {
        expect(job.uses ?? job['timeout-minutes']).toBeDefined();
        expect([job.needs ?? []].flat().filter((needed) => !(needed in jobs))).toEqual([]);
      }
  });

  it('hold no key of an account, only a role', () => {
    const text = readdirSync(folder)
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
      .join('\n');
    expect(text).not.toMatch(/AKIA|aws-secret-access-key|aws-access-key-id|secrets\./i);
    expect(text).toContain('role-to-assume');
  });

  it('put nothing that a stranger may write into a shell', () => {
    const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap(({ steps }) => steps ?? []));
    const shells = steps.flatMap(({ run: script }) => script ?? []);
    expect(shells.filter((script) => /\$\{\{\s*github\.(?!event\.pull_request\.head\.sha)/.test(script))).toEqual([]);
  });

  it('test bring a database back from its backup, and run the recovery of AWS dry', () => {
    const { jobs } = workflows.find(({ name }) => name === 'test') as Workflow;
    const steps = (job: string) => jobs[job].steps?.flatMap(({ run: script }) => script ?? []) ?? [];
    expect(steps('restore')).toContain('npm run bench:restore -- --short');
    // The suite runs infra/tests/quick/scripts.spec.ts, and that each step of recover.sh with DRY_RUN.
    expect(steps('suite')).toContain('npm test');
  });

  it('release in order: test, image, plan, apply; migrate before the services, smoke after them, then the way back', () => {
    const { jobs } = workflows.find(({ name }) => name === 'release') as Workflow;
    expect([jobs.image.needs, jobs.plan.needs, jobs.apply.needs]).toEqual(['test', 'image', 'plan']);
    const steps = jobs.apply.steps ?? [];
    const place = (part: string) => steps.findIndex(({ run: script }) => script?.includes(part));
    const order = [
      'release.sh note',
      'release.sh migrate',
      'terraform apply',
      'release.sh wait',
      'release.sh smoke',
      'release.sh back',
    ].map(place);
    expect(order).not.toContain(-1);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(steps.at(-1)?.if).toContain('failure()');
  });
});

if (has('terraform', 'version')) {
  describe('terraform', () => {
    it('finds every file formatted', () => {
      expect(run('terraform', 'fmt', '-check', '-recursive', 'infra').output).toBe('');
    });
  });
} else process.stderr.write('infrastructure: Terraform is not installed, so formatting is not checked\n');

if (has('shellcheck', '--version')) {
  describe('scripts', () => {
    it('pass shellcheck', () => {
      const scripts = readdirSync('infra/scripts').filter((name) => name.endsWith('.sh'));
      expect(run('shellcheck', ...scripts.map((name) => `infra/scripts/${name}`))).toEqual(well);
    });
  });
} else process.stderr.write('infrastructure: shellcheck is not installed, so scripts are not checked\n');

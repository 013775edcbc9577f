import { addresses, at, containers, failing, Json, list, ofType, Plan, Resource, texts, unless } from '../resources.ts';
import { Rule, rewriting, setting, without } from './rule.ts';

const tasks = (plan: Plan) => ofType(plan, 'aws_ecs_task_definition');
const task = (plan: Plan, process: string) =>
  tasks(plan).filter(({ address }) => address.includes(`module.${process}.`));
/** Processes that work on queues; production trains apart. */
const workers = (plan: Plan) => (plan.environment === 'prod' ? ['worker', 'training[0]'] : ['worker']);
const settingOf = (one: Resource, name: string) =>
  list(at(containers(one)[0], 'environment'))
    .filter((setting) => at(setting, 'name') === name)
    .map((setting) => at(setting, 'value'))[0];
const SECRET_NAME = /SECRET|PASSWORD|TOKEN|API_KEY/;
/** An address with a password in it. */
const SECRET_VALUE = /:\/\/[^/\s:@]*:[^/\s@]+@/;

const everyContainer = (passes: (container: Json, task: Resource) => boolean) => (one: Resource) =>
  containers(one).every((container) => passes(container, one));

/** Tasks: what they may do to themselves, how they start, stop, scale and roll back. */
export const COMPUTE_RULES: readonly Rule[] = [
  {
    name: 'containers run as nobody, with no capability, on a file system they cannot write',
    findings: (plan) =>
      failing(
        tasks(plan),
        everyContainer(
          (container) =>
            /^[1-9]\d*:[1-9]\d*$/.test(String(at(container, 'user'))) &&
            at(container, 'privileged') === false &&
            at(container, 'readonlyRootFilesystem') === true &&
            texts(at(container, 'linuxParameters', 'capabilities', 'drop')).join() === 'ALL' &&
            list(at(container, 'linuxParameters', 'capabilities', 'add')).length === 0,
        ),
      ),
    breach: rewriting(
      /module\.worker\.aws_ecs_task/,
      'container_definitions',
      '"readonlyRootFilesystem":true',
      '"readonlyRootFilesystem":false',
    ),
  },
  {
    name: 'no setting of a container is a secret; secrets come from Secrets Manager',
    findings: (plan) =>
      failing(
        tasks(plan),
        everyContainer(
          (container) =>
            list(at(container, 'environment')).every(
              (one) => !SECRET_NAME.test(String(at(one, 'name'))) && !SECRET_VALUE.test(String(at(one, 'value'))),
            ) &&
            list(at(container, 'secrets')).every((one) =>
              /^arn:aws:secretsmanager:/.test(String(at(one, 'valueFrom'))),
            ),
        ),
      ),
    breach: rewriting(/module\.api\.aws_ecs_task/, 'container_definitions', 'rediss://', 'rediss://:hidden@'),
  },
  {
    name: 'a worker has 120 s to hand its jobs back, the API 30 s to answer, and both take less than they have, but most of it',
    findings: (plan) =>
      Object.entries({
        api: 30,
        migrate: 120,
        ...Object.fromEntries(workers(plan).map((name) => [name, 120])),
      }).flatMap(([process, seconds]) => [
        ...unless(task(plan, process).length === 1, `no task ${process}`),
        ...failing(task(plan, process), (one) => {
          const taken = Number(settingOf(one, 'SHUTDOWN_SECONDS'));
          return (
            at(containers(one)[0], 'stopTimeout') === seconds &&
            (process === 'migrate' || (taken < seconds && taken > 0.8 * seconds))
          );
        }),
      ]),
    breach: rewriting(
      /module\.worker\.aws_ecs_task/,
      'container_definitions',
      '"name":"SHUTDOWN_SECONDS"',
      '"name":"NO_SHUTDOWN_SECONDS"',
    ),
  },
  {
    name: 'the processes that stay are asked how they are, and all log to CloudWatch',
    findings: (plan) => [
      ...failing(
        ['api', ...workers(plan)].flatMap((process) => task(plan, process)),
        (one) => texts(at(containers(one)[0], 'healthCheck', 'command'))[0] === 'CMD',
      ),
      ...failing(
        tasks(plan),
        everyContainer((container) => at(container, 'logConfiguration', 'logDriver') === 'awslogs'),
      ),
    ],
    breach: rewriting(/module\.api\.aws_ecs_task/, 'container_definitions', '"healthCheck"', '"noHealthCheck"'),
  },
  {
    name: 'the API has 2048 MiB at least',
    findings: (plan) => failing(task(plan, 'api'), ({ values }) => Number(values.memory) >= 2048),
    breach: setting(/module\.api\.aws_ecs_task/, 'memory', '1024'),
  },
  {
    name: 'an image is named by a tag that never moves',
    findings: (plan) =>
      failing(
        tasks(plan),
        everyContainer((container) =>
          /(:v?[\d.]+|:[0-9a-f]{40}|@sha256:[0-9a-f]{64})$/.test(String(at(container, 'image'))),
        ),
      ),
    breach: rewriting(
      /module\.api\.aws_ecs_task/,
      'container_definitions',
      /shelfcast:[0-9a-f]{40}/,
      'shelfcast:latest',
    ),
  },
  {
    name: 'a release that fails rolls itself back, the API also when alarms ring',
    findings: (plan) => [
      ...failing(
        ofType(plan, 'aws_ecs_service'),
        ({ values }) =>
          at(values.deployment_circuit_breaker, 0, 'enable') === true &&
          at(values.deployment_circuit_breaker, 0, 'rollback') === true &&
          values.deployment_minimum_healthy_percent === 100,
      ),
      ...failing(
        ofType(plan, 'aws_ecs_service').filter(({ address }) => address.includes('module.api.')),
        ({ values }) =>
          at(values.alarms, 0, 'rollback') === true && list(at(values.alarms, 0, 'alarm_names')).length === 2,
      ),
    ],
    breach: setting(/module\.api\.aws_ecs_service/, 'alarms', []),
  },
  {
    name: 'the alarms that roll a release back exist',
    findings: (plan) => {
      const alarms = new Set(
        ofType(plan, 'aws_cloudwatch_metric_alarm').map(({ values }) => String(values.alarm_name)),
      );
      return ofType(plan, 'aws_ecs_service').flatMap(({ values }) =>
        texts(at(values.alarms, 0, 'alarm_names')).filter((name) => !alarms.has(name)),
      );
    },
    breach: setting(/aws_cloudwatch_metric_alarm\.api_errors/, 'alarm_name', 'renamed'),
  },
  {
    name: 'API and workers scale by CPU and memory, workers also by the depth and age of the queue',
    findings: (plan) => {
      const found = ofType(plan, 'aws_appautoscaling_policy').map(({ address }) =>
        address.replace(/^module\.stack\.module\./, ''),
      );
      const load = ['api', ...workers(plan)].flatMap((process) =>
        ['cpu', 'memory'].map((kind) => `${process}.aws_appautoscaling_policy.load["${kind}"]`),
      );
      const queue = workers(plan).flatMap((process) =>
        ['out', 'in'].map((way) => `${process}.aws_appautoscaling_policy.queue_${way}[0]`),
      );
      const alarms = addresses(ofType(plan, 'aws_cloudwatch_metric_alarm'));
      return [
        ...[...load, ...queue].filter((wanted) => !found.includes(wanted)),
        ...workers(plan).flatMap((process) =>
          ['depth', 'age', 'empty']
            .map((kind) => `module.stack.module.${process}.aws_cloudwatch_metric_alarm.queue_${kind}[0]`)
            .filter((wanted) => !alarms.includes(wanted)),
        ),
      ];
    },
    breach: without(/module\.api\.aws_appautoscaling_policy\.load\["memory"\]/),
  },
  {
    name: 'production keeps two tasks of the API and sleeps never; elsewhere everything goes to zero at night',
    findings: (plan) => {
      const prod = plan.environment === 'prod';
      const targets = ofType(plan, 'aws_appautoscaling_target');
      const nights = ofType(plan, 'aws_appautoscaling_scheduled_action');
      const stops = nights.filter(({ values }) => Number(at(values.scalable_target_action, 0, 'max_capacity')) === 0);
      return prod
        ? [
            ...addresses(nights),
            ...failing(
              targets.filter(({ address }) => address.includes('.api.')),
              ({ values }) => Number(values.min_capacity) >= 2,
            ),
          ]
        : [
            ...unless(stops.length === targets.length && nights.length === 2 * stops.length, 'tasks that run at night'),
            ...unless(ofType(plan, 'aws_scheduler_schedule').length === 2, 'a database that runs at night'),
            ...failing(
              targets.filter(({ address }) => address.includes('.worker.')),
              ({ values }) => values.min_capacity === 0,
            ),
            // By day too: a queue that is empty leaves none.
            ...failing(
              nights.filter(({ address }) => /\.worker\..*"start"/.test(address)),
              ({ values }) => Number(at(values.scalable_target_action, 0, 'min_capacity')) === 0,
            ),
          ];
    },
    breach: setting(/module\.api\.aws_appautoscaling_target/, 'min_capacity', 1),
  },
  {
    name: 'trainings run on Spot, the API never; where they run apart each worker is told its share of the queues',
    findings: (plan) => {
      const providers = (one: Resource) =>
        list(one.values.capacity_provider_strategy).map((entry) => String(at(entry, 'capacity_provider')));
      const told = ['worker', 'training[0]'].map((process) =>
        task(plan, process).map((one) => settingOf(one, 'WORKER_QUEUES') ?? 'all'),
      );
      return [
        ...failing(
          ofType(plan, 'aws_ecs_service'),
          (one) => providers(one).includes('FARGATE_SPOT') === /module\.(worker|training\[0\])\./.test(one.address),
        ),
        ...unless(told.join() === (plan.environment === 'prod' ? 'general,training' : 'all,'), told.join()),
      ];
    },
    breach: setting(/module\.api\.aws_ecs_service/, 'capacity_provider_strategy', [
      { capacity_provider: 'FARGATE_SPOT', weight: 1 },
    ]),
  },
];

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { loadConfig, OTHER_ZONE, ZONE } from '../../../src/platform/config/index.ts';
import { parse } from 'yaml';
import { QUEUE_NAMES, workedQueues } from '../../../src/platform/queue/queues.ts';
import { at, containers, ENVIRONMENTS, list, ofType, recorded } from '../policy/resources.ts';

/** Read by Node itself, not by the application. */
const OF_NODE = ['NODE_EXTRA_CA_CERTS'];
const knownSettings = readFileSync('src/platform/config/environment.ts', 'utf8');

type EnvironmentName = (typeof ENVIRONMENTS)[number];

function taskOf(environment: EnvironmentName, process: string) {
  const tasks = ofType(recorded(environment).plan, 'aws_ecs_task_definition');
  return containers(tasks.find(({ address }) => address.includes(`module.${process}.`)) as (typeof tasks)[number]);
}

/** What the container of a process is given, its secrets as words in their place. */
function settingsOf(environment: EnvironmentName, process: string): Record<string, string> {
  const [container] = taskOf(environment, process);
  const plain = list(at(container, 'environment')).map((one) => [String(at(one, 'name')), String(at(one, 'value'))]);
  const secret = list(at(container, 'secrets')).map((one) => [String(at(one, 'name')), 'secret-'.repeat(6)]);
  return Object.fromEntries([...plain, ...secret]) as Record<string, string>;
}

/** Production trains apart. */
const processesOf = (environment: (typeof ENVIRONMENTS)[number]) => [
  'api',
  'worker',
  'migrate',
  ...(environment === 'prod' ? ['training[0]'] : []),
];

describe.each(ENVIRONMENTS.flatMap((name) => processesOf(name).map((process) => [name, process] as const)))(
  'the settings of %s %s',
  (environment, process) => {
    const settings = settingsOf(environment, process);

    it('are ones the application knows', () => {
      const unknown = Object.keys(settings).filter((name) => !new RegExp(`\\b${name}\\?:`).test(knownSettings));
      expect(unknown.filter((name) => !OF_NODE.includes(name))).toEqual([]);
    });

    it('start it in production, over TLS to its stores, with passwords from Secrets Manager', () => {
      const config = loadConfig(settings);
      const stores = [config.database.url, ...config.database.replicaUrls];
      expect(config.production).toBe(true);
      expect(stores.map((url) => new URL(url).searchParams.get('sslmode'))).toEqual(stores.map(() => 'verify-full'));
      expect(stores.every((url) => new URL(url).password.startsWith('secret-'))).toBe(true);
      expect(config.redis?.urls).toEqual([expect.stringMatching(/^rediss:\/\/:secret-/)]);
      expect(config.lakeBucket).toMatchObject({
        bucket: expect.stringMatching(new RegExp(`^shelfcast-${environment}-\\{zone\\}-\\d{12}$`)),
        region: 'ap-south-1',
        kmsKeyId: expect.stringMatching(/^arn:aws:kms:/),
        roleArn: process === 'api' ? expect.stringMatching(/^arn:aws:iam:/) : null,
      });
      const buckets = ofType(recorded(environment).plan, 'aws_s3_bucket').map(({ values }) => values.bucket);
      for (const zone of [...(config.lakeBucket?.zones.values() ?? []), OTHER_ZONE])
        expect(buckets).toContain(config.lakeBucket?.bucket.replace(ZONE, zone));
      expect(config.http.trustProxy).toBe(process === 'api' ? (environment === 'prod' ? 2 : 1) : false);
    });

    it('leave no queue without a worker', () => {
      const worked = processesOf(environment)
        .filter((one) => /^(worker|training)/.test(one))
        .map((one) => workedQueues(loadConfig(settingsOf(environment, one)).workerQueues));
      expect(worked.flatMap((queues) => [...queues]).sort()).toEqual([...QUEUE_NAMES].sort());
    });

    it('sign it in as its own user of the database, and tell it no other one’s password', () => {
      const { database } = loadConfig(settings);
      const user = { api: 'shelfcast_api_user', migrate: 'shelfcast' }[process] ?? 'shelfcast_worker_user';
      const urls = [database.url, ...database.replicaUrls];
      expect(urls.map((url) => new URL(url).username)).toEqual(urls.map(() => user));
      const [api, worker] = [database.apiUser?.name, database.workerUser?.name];
      expect([api, worker]).toEqual(
        process === 'migrate' ? ['shelfcast_api_user', 'shelfcast_worker_user'] : [undefined, undefined],
      );
    });

    it('are needed: without its secrets it does not start', () => {
      expect(() => loadConfig({ ...settings, JWT_SECRET: undefined })).toThrow(/JWT_SECRET/);
    });
  },
);

interface CollectorConfig {
  readonly receivers: {
    readonly otlp: { readonly protocols: { readonly http: { readonly endpoint: string } } };
    readonly prometheus: {
      readonly config: { readonly scrape_configs: { static_configs: { targets: string[] }[] }[] };
    };
  };
  readonly processors: Readonly<Record<string, unknown>>;
  readonly exporters: Readonly<Record<string, { readonly region: string }>>;
  readonly service: {
    readonly pipelines: Readonly<
      Record<string, { readonly receivers: string[]; readonly processors: string[]; readonly exporters: string[] }>
    >;
  };
}

/** What the collector beside a process is told; null where there is none. */
function collectorOf(environment: EnvironmentName, process: string): CollectorConfig | null {
  const container = taskOf(environment, process).find((one) => at(one, 'name') === 'collector');
  return container ? (parse(String(at(list(at(container, 'environment'))[0], 'value'))) as CollectorConfig) : null;
}

describe.each(ENVIRONMENTS.flatMap((name) => ['api', 'worker', 'migrate'].map((process) => [name, process] as const)))(
  'the collector beside %s %s',
  (environment, process) => {
    const { tracing } = loadConfig(settingsOf(environment, process));
    const collector = collectorOf(environment, process);

    it('takes the traces that the process sends, and sends them to X-Ray; without it none are made', () => {
      if (collector === null) return expect(tracing).toBeNull();
      const { receivers, exporters, service } = collector;
      expect(tracing?.tracesUrl).toBe(`http://${receivers.otlp.protocols.http.endpoint}/v1/traces`);
      expect(tracing?.ratio).toBe(0.05);
      expect(service.pipelines.traces).toMatchObject({ receivers: ['otlp'], exporters: ['awsxray'] });
      expect(exporters.awsxray.region).toBe('ap-south-1');
    });

    it('scrapes where the process serves its metrics without a token', () => {
      const { metricsPort, workerPort } = loadConfig(settingsOf(environment, process)).http;
      const [scraped] = collector?.receivers.prometheus.config.scrape_configs ?? [];
      if (scraped)
        expect(scraped.static_configs[0].targets).toEqual([
          `127.0.0.1:${process === 'api' ? metricsPort : workerPort}`,
        ]);
    });

    it('has every part that its pipelines name', () => {
      for (const pipeline of Object.values(collector?.service.pipelines ?? {}))
        for (const part of ['receivers', 'processors', 'exporters'] as const)
          for (const name of pipeline[part]) expect(Object.keys(collector?.[part] ?? {})).toContain(name);
    });
  },
);

it('production has a collector beside what runs on', () => {
  expect(['api', 'worker', 'migrate'].map((process) => collectorOf('prod', process) !== null)).toEqual([
    true,
    true,
    false,
  ]);
});

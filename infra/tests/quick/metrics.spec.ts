import { describe, expect, it } from '@jest/globals';
import { symbols } from 'pino';
import { parse } from 'yaml';
import { withCorrelationId } from '../../../src/platform/http/index.ts';
import { JsonLogger } from '../../../src/platform/logging/logger.ts';
import { metrics } from '../../../src/platform/metrics/metrics.ts';
import '../../../src/forecasts/monitoring/accuracy-metrics.ts';
import '../../../src/inventory/stockout-metric.ts';
import '../../../src/platform/queue/queue-metrics.ts';
import '../../../src/sales/stream/stream-metrics.ts';
import { FLEETS } from '../../../src/platform/queue/queues.ts';
import { at, containers, ENVIRONMENTS, Json, list, ofType, Plan, recorded, texts } from '../policy/resources.ts';

/** Namespaces that the collector fills; the others are AWS's own. */
const OURS = /^FMCG\//;

interface Collector {
  readonly receivers: { readonly prometheus: { readonly config: { readonly scrape_configs: readonly Scrape[] } } };
  readonly processors: Record<string, Json>;
  readonly exporters: Record<string, Json>;
  readonly service: { readonly pipelines: Record<string, Pipeline> };
}
interface Scrape {
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}
interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}
/** A metric as CloudWatch knows it: its namespace, name and dimensions with their values. */
interface Watched {
  readonly space: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

const tasksOf = (plan: Plan) => ofType(plan, 'aws_ecs_task_definition');
const collectorOf = (task: Parameters<typeof containers>[0]): Collector | null => {
  const side = containers(task).find((container) => at(container, 'name') === 'collector');
  return side ? (parse(String(at(side, 'environment', 0, 'value'))) as Collector) : null;
};
const collectors = (plan: Plan): Collector[] => tasksOf(plan).flatMap((task) => collectorOf(task) ?? []);

const metric = (of: Json | undefined): Watched => ({
  space: String(at(of, 'namespace')),
  name: String(at(of, 'metric_name')),
  dimensions: (at(of, 'dimensions') ?? {}) as Record<string, string>,
});

/** What alarms, those that scale among them, and the dashboard look at. */
function watched(plan: Plan): Watched[] {
  const alarms = ofType(plan, 'aws_cloudwatch_metric_alarm').flatMap(({ values }) => [
    ...(values.metric_name === undefined ? [] : [metric(values)]),
    ...list(values.metric_query).flatMap((query) => list(at(query, 'metric')).map(metric)),
  ]);
  const shown = ofType(plan, 'aws_cloudwatch_dashboard').flatMap(({ values }) => {
    const { widgets } = JSON.parse(String(values.dashboard_body)) as {
      widgets: { properties: { metrics: string[][] } }[];
    };
    // A dot stands for what the row above says there.
    return widgets.flatMap(({ properties }) =>
      properties.metrics.map((row) => {
        const whole = row.map((word, i) => (word === '.' ? properties.metrics[0][i] : word));
        const pairs = whole.slice(2);
        return {
          space: whole[0],
          name: whole[1],
          dimensions: Object.fromEntries(
            pairs.flatMap((word, i) => (i % 2 === 0 ? [[word, pairs[i + 1]]] : [])),
          ) as Record<string, string>,
        };
      }),
    );
  });
  return [...alarms, ...shown].filter(({ space }) => OURS.test(space));
}

const includes = (filter: Json | undefined) => texts(at(filter, 'metrics', 'include', 'metric_names'));

/** Names in CloudWatch by what they are made of, as a pipeline lets them through to its namespace. */
function produced(
  collector: Collector,
): { readonly space: string; readonly name: string; readonly from: string; readonly sets: string[][] }[] {
  return Object.entries(collector.service.pipelines)
    .filter(([name]) => name.startsWith('metrics'))
    .flatMap(([, pipeline]) => {
      const steps = pipeline.processors.map((name) => collector.processors[name]);
      const kept = steps.map(includes).filter((names) => names.length > 0);
      const renamed = steps.flatMap((step) => list(at(step, 'transforms')));
      return pipeline.exporters.flatMap((name) => {
        const exporter = collector.exporters[name];
        if (at(exporter, 'namespace') === undefined) return [];
        const sets = list(at(exporter, 'metric_declarations')).flatMap((one) =>
          list(at(one, 'dimensions')).map((set) => texts(set)),
        );
        return renamed
          .map((one) => ({ from: String(at(one, 'include')), name: String(at(one, 'new_name')) }))
          .filter((one) => kept[0]?.includes(one.from) && kept.at(-1)?.includes(one.name))
          .map((one) => ({ ...one, space: String(at(exporter, 'namespace')), sets }));
      });
    });
}

const told = new Map(
  metrics.getMetricsAsArray().map((one) => [one.name, (one as unknown as { labelNames: string[] }).labelNames]),
);

describe.each(ENVIRONMENTS)('the metrics of %s', (environment) => {
  const { plan } = recorded(environment);

  it('that somebody looks at are sent by every collector, under the dimensions that are asked for', () => {
    const found = watched(plan);
    expect(new Set(found.map(({ name }) => name))).toEqual(
      new Set([
        'StockoutCount',
        'ForecastBias',
        'ForecastWape',
        'StreamLagMilliseconds',
        'JobsWaiting',
        'OldestJobAgeSeconds',
        'CacheLookups',
      ]),
    );
    for (const collector of collectors(plan)) {
      const sent = produced(collector);
      const missing = found.filter(
        ({ space, name, dimensions }) =>
          !sent.some(
            (one) =>
              one.space === space &&
              one.name === name &&
              one.sets.some((set) => [...set].sort().join() === Object.keys(dimensions).sort().join()),
          ),
      );
      expect(missing).toEqual([]);
    }
  });

  it('are made of ones that the application tells, with the labels that become dimensions', () => {
    for (const collector of collectors(plan)) {
      const sent = produced(collector);
      expect(sent.map(({ from }) => from).filter((name) => !told.has(name))).toEqual([]);
      for (const { space, name, dimensions } of watched(plan)) {
        const from = sent.find((one) => one.space === space && one.name === name)?.from ?? '';
        expect(told.get(from)).toEqual(expect.arrayContaining(Object.keys(dimensions)));
        if (dimensions.fleet) expect(FLEETS).toContain(dimensions.fleet);
      }
    }
  });

  it('are read where each process serves them without a token', () => {
    const ports = tasksOf(plan).flatMap((task) => {
      const collector = collectorOf(task);
      if (!collector) return [];
      const settings = new Map(
        list(at(containers(task)[0], 'environment')).map((one) => [String(at(one, 'name')), String(at(one, 'value'))]),
      );
      const port = settings.get('METRICS_PORT') ?? settings.get('WORKER_PORT');
      return [{ targets: collector.receivers.prometheus.config.scrape_configs[0].static_configs[0].targets, port }];
    });
    expect(ports.length).toBe(environment === 'prod' ? 3 : 2);
    for (const { targets, port } of ports) expect(targets).toEqual([`127.0.0.1:${port}`]);
  });

  it('that scale workers are also told while there is no worker', () => {
    const api = tasksOf(plan).filter(({ address }) => address.includes('module.api.'));
    const names = api
      .flatMap((task) => collectorOf(task) ?? [])
      .flatMap((one) => produced(one).map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(['JobsWaiting', 'OldestJobAgeSeconds']));
  });
});

describe('a collector that was changed', () => {
  it('is caught leaving out what an alarm looks at', () => {
    const [collector] = collectors(recorded('prod').plan);
    const text = JSON.stringify(collector).replaceAll('stockout_count', 'stockouts');
    const sent = produced(JSON.parse(text) as Collector);
    expect(sent.filter(({ from }) => !told.has(from)).map(({ from }) => from)).toEqual(['stockouts']);
    const silent = JSON.parse(
      JSON.stringify(collector).replace('"StreamLagMilliseconds","JobsWaiting"', '"JobsWaiting"'),
    ) as Collector;
    expect(produced(silent).map(({ name }) => name)).not.toContain('StreamLagMilliseconds');
    expect(produced(collector).map(({ name }) => name)).toContain('StreamLagMilliseconds');
  });
});

/** Fields that a log line has, `err.` ones by their path. */
function fieldsOf(line: Record<string, unknown>, path = ''): string[] {
  return Object.entries(line).flatMap(([name, value]) =>
    value !== null && typeof value === 'object'
      ? fieldsOf(value as Record<string, unknown>, `${path}${name}.`)
      : [`${path}${name}`],
  );
}

describe('saved searches of the logs', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = new JsonLogger('info', 'api');
  Reflect.set(logger.pino, symbols.streamSym, {
    write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  withCorrelationId('a-request', () => {
    logger.log('plain words', 'Context');
    logger.error({ err: new Error('broken'), message: 'model-training failed: broken', job_id: '1' }, 'Context');
    logger.warn({ message: 'sign-in refused', email: 'a@b.example', ip: '127.0.0.1' }, 'Context');
  });
  const known = new Set([...lines.flatMap((line) => fieldsOf(line)), '@timestamp', '@log']);
  const queries = ofType(recorded('prod').plan, 'aws_cloudwatch_query_definition');
  /** Names of a part of a query that are neither words of its language nor quoted. */
  const namesIn = (part: string) =>
    part
      .replace(/'[^']*'|\/[^/]*\/|as \w+/g, '')
      .match(/@?[a-z_]+(\.[a-z_]+)*/g)
      ?.filter((word) => !['fields', 'filter', 'coalesce', 'like', 'and', 'or', 'ispresent'].includes(word)) ?? [];

  it('find by correlation id, among others, in all processes', () => {
    expect(queries.map(({ values }) => String(values.name)).sort()).toEqual(
      ['by-correlation-id', 'errors', 'jobs-failed', 'refused-sign-ins'].map((name) => `shelfcast-prod/${name}`),
    );
    for (const { values } of queries)
      expect(texts(values.log_group_names).sort()).toEqual(
        ['api', 'migrate', 'training', 'worker'].map((process) => `/shelfcast-prod/${process}`),
      );
    const [byId] = queries.filter(({ values }) => String(values.name).endsWith('by-correlation-id'));
    expect(String(byId.values.query_string)).toContain("filter correlation_id = 'ID'");
    expect(lines.map(({ correlation_id: id }) => id)).toEqual(['a-request', 'a-request', 'a-request']);
  });

  it.each(queries.map(({ values }) => [String(values.name), String(values.query_string)]))(
    '%s asks for fields that lines have',
    (_, query) => {
      const parts = query.split(' | ').filter((part) => /^(fields|filter) /.test(part));
      expect(parts.length).toBeGreaterThan(0);
      expect(parts.flatMap(namesIn).filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it('take for errors what is logged as one', () => {
    const [errors] = queries.filter(({ values }) => String(values.name).endsWith('/errors'));
    const least = Number(/level >= (\d+)/.exec(String(errors.values.query_string))?.[1]);
    expect(lines.filter(({ level }) => Number(level) >= least).map(({ job_id: id }) => id)).toEqual(['1']);
  });
});

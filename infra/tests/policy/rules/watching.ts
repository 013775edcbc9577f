import { at, failing, list, ofType, Plan, Resource, texts, unless } from '../resources.ts';
import { rewriting, Rule, setting, without } from './rule.ts';

const alarms = (plan: Plan) => ofType(plan, 'aws_cloudwatch_metric_alarm');
const named = (plan: Plan, ending: string) =>
  alarms(plan).filter(({ values }) => String(values.alarm_name).endsWith(ending));
const exactly = (found: readonly Resource[], what: string, passes: (one: Resource) => boolean) => [
  ...unless(found.length === 1, `${found.length} alarms ${what}`),
  ...failing(found, passes),
];

/** Days that logs are kept, as each root says. */
const KEPT_DAYS = { dev: 14, staging: 30, prod: 90 } as const;

/** Logs, alarms, trail and budget. */
export const WATCHING_RULES: readonly Rule[] = [
  {
    name: 'every log is kept for as many days as its environment says, and is encrypted',
    findings: (plan) =>
      failing(
        ofType(plan, 'aws_cloudwatch_log_group'),
        ({ values }) =>
          values.retention_in_days === KEPT_DAYS[plan.environment] && typeof values.kms_key_id === 'string',
      ),
    breach: setting(/module\.worker\.aws_cloudwatch_log_group/, 'retention_in_days', 30),
  },
  {
    name: 'every alarm does something',
    findings: (plan) => failing(alarms(plan), ({ values }) => list(values.alarm_actions).length > 0),
    breach: setting(/alarm\.single\["db-cpu"\]/, 'alarm_actions', []),
  },
  {
    name: 'more than 50 products out of stock for 15 minutes is critical',
    findings: (plan) =>
      exactly(
        named(plan, '-stockouts'),
        'on stockouts',
        ({ values }) =>
          values.namespace === 'FMCG/Business' &&
          values.metric_name === 'StockoutCount' &&
          values.comparison_operator === 'GreaterThanThreshold' &&
          values.threshold === 50 &&
          values.period === 60 &&
          values.evaluation_periods === 15 &&
          values.datapoints_to_alarm === 15,
      ),
    breach: setting(/alarm\.single\["stockouts"\]/, 'threshold', 40),
  },
  {
    name: 'forecasts biased by more than 25 %, upwards or downwards, are a warning',
    findings: (plan) =>
      exactly(named(plan, '-forecast-bias'), 'on bias', ({ values, refs }) => {
        const queries = list(values.metric_query);
        return (
          values.threshold === 25 &&
          values.comparison_operator === 'GreaterThanThreshold' &&
          queries.some((query) => at(query, 'expression') === 'ABS(m1)' && at(query, 'return_data') === true) &&
          queries.some((query) => at(query, 'metric', 0, 'metric_name') === 'ForecastBias') &&
          refs.alarm_actions.includes('aws_sns_topic.this["warning"].arn')
        );
      }),
    breach: setting(/alarm\.forecast_bias/, 'metric_query', [
      { expression: 'm1', return_data: true },
      { metric: [{ metric_name: 'ForecastBias' }] },
    ]),
  },
  {
    name: 'somebody is told of a lagging stream, waiting jobs, errors of ours, and answers slower than 5 s',
    findings: (plan) => [
      ...exactly(
        named(plan, '-stream-lag'),
        'on the stream',
        ({ values }) => values.namespace === 'FMCG/System' && values.metric_name === 'StreamLagMilliseconds',
      ),
      ...exactly(
        named(plan, '-queue-age').filter(({ name }) => name === 'single'),
        'on the queue',
        ({ values }) => Number(values.threshold) > 0,
      ),
      ...exactly(named(plan, '-api-5xx'), 'on errors', ({ values }) =>
        list(values.metric_query).some((query) => /errors/.test(String(at(query, 'expression')))),
      ),
      ...exactly(
        named(plan, '-api-p95'),
        'on latency',
        ({ values }) => values.extended_statistic === 'p95' && values.threshold === 5,
      ),
    ],
    breach: setting(/alarm\.api_latency/, 'threshold', 30),
  },
  {
    name: 'somebody is told of a busy or full database, a lagging replica and a full cache',
    findings: (plan) => {
      const serverless = ofType(plan, 'aws_rds_cluster').length > 0;
      const replicas = ofType(plan, 'aws_db_instance').filter(({ name }) => name === 'replica').length;
      return [
        ...exactly(named(plan, '-db-cpu'), 'on CPU', () => true),
        ...(serverless
          ? []
          : exactly(
              named(plan, '-db-storage'),
              'on storage',
              ({ values }) => values.comparison_operator === 'LessThanThreshold',
            )),
        ...unless(
          alarms(plan).filter(({ values }) => values.metric_name === 'ReplicaLag').length === replicas,
          'a replica without an alarm',
        ),
        ...unless(
          alarms(plan).some(({ values }) => values.metric_name === 'DatabaseMemoryUsagePercentage'),
          'no alarm on the cache',
        ),
      ];
    },
    breach: without(/alarm\.single\["replica-lag-1"\]/),
  },
  {
    name: 'the dashboard shows requests, errors and latency, processors, memory, disk and network, queues, and the business',
    findings: (plan) => {
      const shown = ofType(plan, 'aws_cloudwatch_dashboard')
        .map(({ values }) => String(values.dashboard_body))
        .join();
      return [
        ...['RequestCount', 'HTTPCode_Target_5XX_Count', 'TargetResponseTime'],
        ...['CPUUtilization', 'MemoryUtilization', 'FreeStorageSpace', 'NetworkRxBytes', 'NetworkTxBytes'],
        ...['JobsWaiting', 'OldestJobAgeSeconds', 'StreamLagMilliseconds'],
        ...['StockoutCount', 'ForecastBias', 'CacheLookups'],
      ].filter((name) => !shown.includes(`"${name}"`));
    },
    breach: rewriting(/aws_cloudwatch_dashboard/, 'dashboard_body', /NetworkTxBytes/g, 'NetworkRxBytes'),
  },
  {
    name: 'no data is silence where there is nothing to count, and an outage where there should be targets day and night',
    findings: (plan) =>
      exactly(
        named(plan, '-no-healthy-target'),
        'on targets',
        ({ values }) => values.treat_missing_data === (plan.environment === 'prod' ? 'breaching' : 'notBreaching'),
      ).concat(failing(alarms(plan), ({ values }) => typeof values.treat_missing_data === 'string')),
    breach: setting(/alarm\.single\["no-healthy-target"\]/, 'treat_missing_data', 'notBreaching'),
  },
  {
    name: 'critical alarms and warnings reach somebody over encrypted topics, and a budget warns',
    findings: (plan) => {
      const subscribed = new Set(
        ofType(plan, 'aws_sns_topic_subscription').map(({ address }) => /\["(critical|warning)-/.exec(address)?.[1]),
      );
      return [
        ...failing(ofType(plan, 'aws_sns_topic'), ({ values }) => typeof values.kms_master_key_id === 'string'),
        ...['critical', 'warning'].filter((severity) => !subscribed.has(severity)),
        ...unless(ofType(plan, 'aws_budgets_budget').length === 1, 'no budget'),
      ];
    },
    breach: without(/aws_sns_topic_subscription\.mail\["critical-/),
  },
  {
    name: 'production records what is done with the account, everywhere and provably, and watches for threats',
    findings: (plan) =>
      plan.environment !== 'prod'
        ? []
        : [
            ...unless(ofType(plan, 'aws_cloudtrail').length === 1, 'no trail'),
            ...failing(
              ofType(plan, 'aws_cloudtrail'),
              ({ values }) =>
                values.is_multi_region_trail === true &&
                values.enable_log_file_validation === true &&
                values.enable_logging === true &&
                list(values.advanced_event_selector).some((one) => /lake/.test(texts(at(one, 'name')).join())),
            ),
            ...unless(
              ofType(plan, 'aws_guardduty_detector').some(({ values }) => values.enable === true),
              'no GuardDuty',
            ),
            ...unless(ofType(plan, 'aws_accessanalyzer_analyzer').length === 1, 'no analyzer'),
          ],
    breach: setting(/aws_cloudtrail\.this/, 'enable_log_file_validation', false),
  },
];

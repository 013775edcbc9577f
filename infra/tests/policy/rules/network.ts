import { addresses, at, failing, list, ofType, Plan, refersTo, Resource, texts, unless } from '../resources.ts';
import { Rule, setting, without } from './rule.ts';

const SUBNETS: Record<string, readonly string[]> = {
  public: ['10.0.1.0/24', '10.0.2.0/24'],
  app: ['10.0.3.0/24', '10.0.4.0/24'],
  data: ['10.0.5.0/24', '10.0.6.0/24'],
};
/** Where trainings have workers of their own. */
const TRAINING_SUBNETS = ['10.0.7.0/24', '10.0.8.0/24'];
const trainsApart = (plan: Plan) => plan.environment === 'prod';

/** Whether a rule lets somebody into a group; the rules of trainings are made for several groups, each by its name. */
const admitsTo = (group: string) => (rule: Resource) =>
  refersTo(rule, 'security_group_id', `aws_security_group.${group}`) ||
  rule.address.endsWith(`.from_training["${group}"]`);

/** Addresses, ways in and ways out. */
export const NETWORK_RULES: readonly Rule[] = [
  {
    name: 'the network has its addresses: 10.0.0.0/16, public .1 and .2, app .3 and .4, data .5 and .6, in two zones',
    findings: (plan) => [
      ...failing(ofType(plan, 'aws_vpc'), ({ values }) => values.cidr_block === '10.0.0.0/16'),
      ...Object.entries({ ...SUBNETS, training: trainsApart(plan) ? TRAINING_SUBNETS : [] }).flatMap(
        ([tier, wanted]) => {
          const own = ofType(plan, 'aws_subnet').filter(({ name }) => name === tier);
          const zones = new Set(own.map(({ values }) => values.availability_zone));
          const cidrs = own.map(({ values }) => String(values.cidr_block)).sort();
          return unless(cidrs.join() === wanted.join() && zones.size === wanted.length, `${tier}: ${cidrs.join(', ')}`);
        },
      ),
    ],
    breach: setting(/aws_subnet\.data\["ap-south-1b"\]/, 'cidr_block', '10.0.7.0/24'),
  },
  {
    name: 'each zone of production leaves through a gateway of its own, and elsewhere one is paid for',
    findings: (plan) => {
      const found = ofType(plan, 'aws_nat_gateway').length;
      const wanted = plan.environment === 'prod' ? 2 : 1;
      return unless(found === wanted, `${found} gateways, not ${wanted}`);
    },
    breach: without(/aws_nat_gateway\.this\["ap-south-1b"\]/),
  },
  {
    name: 'the internet reaches the load balancer alone, on 443 and to be redirected on 80',
    findings: (plan) =>
      failing(
        ofType(plan, 'aws_vpc_security_group_ingress_rule').filter(
          ({ values }) => values.cidr_ipv4 !== undefined || values.cidr_ipv6 !== undefined,
        ),
        (rule) =>
          refersTo(rule, 'security_group_id', 'aws_security_group.alb') &&
          [80, 443].includes(Number(rule.values.from_port)) &&
          rule.values.from_port === rule.values.to_port,
      ),
    breach: setting(/ingress_rule\.db_from_app/, 'cidr_ipv4', '0.0.0.0/0'),
  },
  ...(
    [
      ['db', 5432],
      ['cache', 6379],
    ] as const
  ).map(([group, port]): Rule => ({
    name: `only tasks reach ${group}, on ${port}, by one rule for each group of theirs that names it`,
    findings: (plan) => {
      const own = ofType(plan, 'aws_vpc_security_group_ingress_rule').filter(admitsTo(group));
      const from = (source: string) =>
        own.filter((rule) => refersTo(rule, 'referenced_security_group_id', `aws_security_group.${source}`)).length;
      const trainings = trainsApart(plan) ? 1 : 0;
      return [
        ...unless(own.length === 1 + trainings, `${own.length} rules`),
        ...unless(from('app') === 1 && from('training') === trainings, 'somebody else, or twice'),
        ...failing(
          own,
          (rule) => rule.values.from_port === port && rule.values.to_port === port && rule.values.ip_protocol === 'tcp',
        ),
      ];
    },
    breach: setting(new RegExp(`ingress_rule\\.${group}_from_app`), 'to_port', 65535),
  })),
  {
    name: 'nothing leaves to the internet but HTTPS of the tasks',
    findings: (plan) =>
      failing(
        ofType(plan, 'aws_vpc_security_group_egress_rule').filter(({ values }) => values.cidr_ipv4 !== undefined),
        (rule) =>
          ['app', 'training'].some((group) => refersTo(rule, 'security_group_id', `aws_security_group.${group}`)) &&
          rule.values.from_port === 443 &&
          rule.values.to_port === 443,
      ),
    breach: setting(/egress_rule\.app_https/, 'from_port', 0),
  },
  {
    name: 'no rule is written into a group itself, where it would stand beside the others unseen',
    findings: (plan) =>
      failing(ofType(plan, 'aws_security_group', 'aws_default_security_group'), ({ values }) =>
        [values.ingress, values.egress].every((rules) => list(rules).length === 0),
      ),
    breach: setting(/aws_security_group\.db$/, 'ingress', [{ from_port: 5432, cidr_blocks: ['0.0.0.0/0'] }]),
  },
  {
    name: 'tasks have no public address, and no subnet gives one',
    findings: (plan) => [
      ...failing(
        ofType(plan, 'aws_ecs_service'),
        ({ values }) => at(values.network_configuration, 0, 'assign_public_ip') === false,
      ),
      ...failing(ofType(plan, 'aws_subnet'), ({ values }) => values.map_public_ip_on_launch !== true),
    ],
    breach: setting(/aws_subnet\.public/, 'map_public_ip_on_launch', true),
  },
  {
    name: 'the data tier has no route to the internet',
    findings: (plan) =>
      addresses(ofType(plan, 'aws_route').filter((route) => refersTo(route, 'route_table_id', 'aws_route_table.data'))),
    breach: (resources) =>
      resources.map((one) =>
        one.type === 'aws_route' && one.name === 'internet'
          ? { ...one, refs: { ...one.refs, route_table_id: ['aws_route_table.data.id'] } }
          : one,
      ),
  },
  {
    name: 'all traffic is logged, and S3 is reached inside the network',
    findings: (plan) => [
      ...unless(
        ofType(plan, 'aws_flow_log').some(({ values }) => values.traffic_type === 'ALL'),
        'no flow log',
      ),
      ...unless(
        ofType(plan, 'aws_vpc_endpoint').some(
          ({ values }) => values.vpc_endpoint_type === 'Gateway' && /\.s3$/.test(String(values.service_name)),
        ),
        'no endpoint of S3',
      ),
    ],
    breach: setting(/aws_flow_log/, 'traffic_type', 'REJECT'),
  },
  {
    name: 'production reaches the services it needs at each start inside the network',
    findings: (plan) => {
      if (plan.environment !== 'prod') return [];
      const names = ofType(plan, 'aws_vpc_endpoint').map(({ values }) => String(values.service_name));
      return ['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'].filter(
        (service) => !names.some((name) => name.endsWith(`.${service}`)),
      );
    },
    breach: without(/aws_vpc_endpoint\.interface\["secretsmanager"\]/),
  },
  {
    name: 'the load balancer speaks TLS 1.3, drops headers it cannot read, and sends plain HTTP to HTTPS',
    findings: (plan) => {
      const listeners = ofType(plan, 'aws_lb_listener');
      return [
        ...failing(ofType(plan, 'aws_lb'), ({ values }) => values.drop_invalid_header_fields === true),
        ...failing(listeners, ({ values }) =>
          values.protocol === 'HTTPS'
            ? /^ELBSecurityPolicy-TLS13-1-[23]-/.test(String(values.ssl_policy))
            : at(values.default_action, 0, 'type') === 'redirect' &&
              at(values.default_action, 0, 'redirect', 0, 'protocol') === 'HTTPS' &&
              at(values.default_action, 0, 'redirect', 0, 'status_code') === 'HTTP_301',
        ),
        ...unless(listeners.length === 2, `${listeners.length} listeners`),
      ];
    },
    breach: setting(/aws_lb_listener\.https/, 'ssl_policy', 'ELBSecurityPolicy-2016-08'),
  },
  {
    name: 'pages and API share a distribution that speaks HTTPS alone, and keeps no answer of the API',
    findings: (plan) =>
      ofType(plan, 'aws_cloudfront_distribution').flatMap((distribution) => {
        const { address, values } = distribution;
        const behaviors = list(values.ordered_cache_behavior);
        const api = behaviors.find((one) => at(one, 'path_pattern') === '/api/*');
        const pages = list(values.origin).find((one) => at(one, 'origin_id') === 'pages');
        return [
          ...unless(list(values.origin).length === 2, `${address}: origins`),
          ...unless(
            refersTo(distribution, 'origin', 'aws_cloudfront_origin_access_control.pages') && pages !== undefined,
            `${address}: pages can be read past it`,
          ),
          // The policy of AWS that caches nothing.
          ...unless(at(api, 'cache_policy_id') === '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', `${address}: API is cached`),
          ...unless(
            [values.default_cache_behavior, values.ordered_cache_behavior]
              .flatMap(list)
              .every((one) => /https/.test(String(at(one, 'viewer_protocol_policy')))),
            `${address}: plain HTTP`,
          ),
          ...unless(
            texts(at(values.viewer_certificate, 0, 'minimum_protocol_version'))[0] === 'TLSv1.2_2021',
            `${address}: old TLS`,
          ),
        ];
      }),
    breach: setting(/aws_cloudfront_distribution/, 'ordered_cache_behavior', [
      {
        path_pattern: '/api/*',
        viewer_protocol_policy: 'https-only',
        cache_policy_id: '658327ea-f89d-4fab-a63d-7e88639e58f6',
      },
    ]),
  },
  {
    name: 'browsers keep what has its hash in its name for ever, and ask for pages again',
    findings: (plan) => {
      const kept = (what: string) =>
        ofType(plan, 'aws_cloudfront_response_headers_policy')
          .filter(({ address }) => address.endsWith(`["${what}"]`))
          .flatMap(({ values }) => list(at(values.custom_headers_config, 0, 'items')))
          .map((item) => `${String(at(item, 'header'))}: ${String(at(item, 'value'))}`);
      return [
        ...unless(kept('pages').join() === 'Cache-Control: no-cache', 'pages are kept'),
        ...unless(
          kept('assets').join() === 'Cache-Control: public, max-age=31536000, immutable',
          'assets are not kept',
        ),
        ...failing(ofType(plan, 'aws_cloudfront_distribution'), ({ values }) =>
          list(values.ordered_cache_behavior).some(
            (one) => at(one, 'path_pattern') === '/assets/*' && at(one, 'target_origin_id') === 'pages',
          ),
        ),
      ];
    },
    breach: without(/response_headers_policy\.security\["assets"\]/),
  },
  {
    name: 'firewalls know injection, scripting and bad inputs, and the outermost limits the rate',
    findings: (plan) => {
      const acls = ofType(plan, 'aws_wafv2_web_acl');
      const names = (values: (typeof acls)[number]['values']) =>
        list(values.rule).map((rule) => String(at(rule, 'name')));
      const wanted = [
        'AWSManagedRulesSQLiRuleSet',
        'AWSManagedRulesCommonRuleSet',
        'AWSManagedRulesKnownBadInputsRuleSet',
      ];
      return [
        ...failing(acls, ({ values }) => wanted.every((name) => names(values).includes(name))),
        ...failing(
          acls.filter(({ values }) => values.scope === 'CLOUDFRONT'),
          ({ values }) => names(values).includes('rate'),
        ),
        ...unless(ofType(plan, 'aws_wafv2_web_acl_association').length === 1, 'the load balancer has no firewall'),
        ...unless(acls.length === 2, `${acls.length} firewalls`),
      ];
    },
    breach: (resources) =>
      resources.map((one) =>
        one.type === 'aws_wafv2_web_acl'
          ? {
              ...one,
              values: {
                ...one.values,
                rule: list(one.values.rule).filter((rule) => !/SQLi/.test(String(at(rule, 'name')))),
              },
            }
          : one,
      ),
  },
];

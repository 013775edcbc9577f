// Computes what a month costs from prices.json and usage.json, and writes the table into ../README.md.
//   node infra/cost/table.mjs            writes
//   node infra/cost/table.mjs --check    fails where the README says something else
//   node infra/cost/table.mjs --totals   dollars a month of each, as JSON
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const { source, hours_per_month: MONTH, prices: p } = read('prices.json');
const usage = read('usage.json');

const task = ({ vcpu, gb }) => vcpu * p.fargate_vcpu_hour + gb * p.fargate_gb_hour;

/** Dollars a month, by line. */
function costs(u) {
  const instance = p[`${u.db.class}_hour`];
  return {
    'API tasks': u.api.tasks * task(u.api) * u.hours_awake,
    'worker tasks, on demand': task(u.worker) * u.worker.on_demand_hours,
    'worker tasks, Spot': task(u.worker) * u.worker.spot_hours * (1 - p.fargate_spot_discount),
    'training tasks, Spot': u.training ? task(u.training) * u.training.spot_hours * (1 - p.fargate_spot_discount) : 0,
    'NAT gateways': u.nat * (p.nat_hour + p.public_ip_hour) * MONTH + u.nat_gb * p.nat_gb,
    'interface endpoints': u.endpoints * u.zones * p.endpoint_zone_hour * MONTH,
    'load balancer': (p.alb_hour + u.alb_lcu * p.alb_lcu_hour + u.zones * p.public_ip_hour) * MONTH,
    PostgreSQL:
      instance * ((u.db.multi_az ? p.db_multi_az_factor : 1) + u.db.replicas) * u.hours_awake +
      u.db.gb * p.db_gp3_gb_month * ((u.db.multi_az ? p.db_multi_az_factor : 1) + u.db.replicas) +
      u.db.backup_gb * p.db_backup_gb_month,
    Redis: u.cache.nodes * p[`${u.cache.type}_hour`] * MONTH,
    buckets: u.s3_gb * p.s3_gb_month + u.replica_gb * p.s3_replica_gb_month,
    'CloudFront and firewalls':
      u.cdn_gb * p.cloudfront_gb + u.waf_acls * p.waf_acl_month + u.waf_rules * p.waf_rule_month,
    'keys and secrets': u.kms_keys * p.kms_key_month + u.secrets * p.secret_month,
    'logs, alarms, dashboard':
      u.log_gb * p.log_gb + u.alarms * p.alarm_month + u.metrics * p.metric_month + p.dashboard_month,
    users: u.users * p.cognito_mau,
  };
}

const environments = ['small', 'dev', 'staging', 'prod'];
const all = environments.map((name) => costs(usage[name]));
const dollars = (amount) => amount.toFixed(0);
const lines = Object.keys(all[0]).map((line) => `| ${line} | ${all.map((one) => dollars(one[line])).join(' | ')} |`);
const totals = all.map((one) => Object.values(one).reduce((sum, amount) => sum + amount, 0));
const table = [
  `| USD a month | ${environments.join(' | ')} |`,
  '|---|---:|---:|---:|---:|',
  ...lines,
  `| **together** | ${totals.map((total) => `**${dollars(total)}**`).join(' | ')} |`,
  '',
  `Prices: ${source}. Usage: [cost/usage.json](cost/usage.json); small is dev with two API tasks for ${usage.small.hours_awake} h, ${usage.small.s3_gb} GB of files, ${usage.small.worker.spot_hours} h of training and ${usage.small.cdn_gb} GB of pages; dev is awake ${usage.dev.hours_awake} h, staging ${usage.staging.hours_awake} h.`,
].join('\n');

const file = fileURLToPath(new URL('../README.md', import.meta.url));
const before = readFileSync(file, 'utf8');
const after = before.replace(/(<!-- cost -->\n)[\s\S]*?(\n<!-- \/cost -->)/, `$1${table}$2`);
if (!after.includes(table)) throw new Error('README.md has no place for the table');
if (process.argv.includes('--totals')) {
  console.log(JSON.stringify(Object.fromEntries(environments.map((name, i) => [name, totals[i]]))));
} else if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('The cost table of infra/README.md is out of date: node infra/cost/table.mjs');
    process.exit(1);
  }
} else writeFileSync(file, after);

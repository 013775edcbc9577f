import { describe, expect, it } from '@jest/globals';
import { Cmd, DockerfileParser, Healthcheck } from 'dockerfile-ast';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { metrics } from '../../src/platform/metrics/metrics.ts';
import '../../src/auth/audit/audit-metrics.ts';
import '../../src/forecasts/monitoring/accuracy-metrics.ts';
import '../../src/platform/queue/queue-metrics.ts';

const read = (path: string) => readFileSync(path, 'utf8');

describe('the Dockerfile', () => {
  const dockerfile = DockerfileParser.parse(read('Dockerfile'));
  const last = <T>(keyword: string) =>
    dockerfile
      .getInstructions()
      .filter((instruction) => instruction.getKeyword() === keyword)
      .at(-1) as T | undefined;

  it('runs as a numbered user that is not root, checks its health and starts without a shell', () => {
    const user = last<{ getArgumentsContent(): string }>('USER')?.getArgumentsContent();
    expect(user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    const healthCheck = last<Healthcheck>('HEALTHCHECK');
    expect(healthCheck?.getArgumentsContent()).toMatch(/CMD \["node", "docker\/health-check\.mjs"\]/);
    expect(
      last<Cmd>('CMD')
        ?.getJSONStrings()
        .map((text) => text.getJSONValue()),
    ).toEqual(['node', 'dist/src/main.js']);
    expect(last<{ getArgumentsContent(): string }>('STOPSIGNAL')?.getArgumentsContent()).toBe('SIGTERM');
  });

  it('builds every stage on the one base that can be pinned, and names no latest', () => {
    const images = dockerfile.getFROMs().map((from) => from.getImage());
    expect(images.length).toBeGreaterThan(1);
    expect(new Set(images)).toEqual(new Set(['${BASE_IMAGE}']));
    expect(read('Dockerfile')).toMatch(/^ARG BASE_IMAGE=node:\d+-\w+-slim$/m);
    expect(read('Dockerfile')).not.toMatch(/:latest/);
  });

  it('installs what is locked and takes nothing from the folder but what is named', () => {
    const runs = dockerfile
      .getInstructions()
      .filter((instruction) => instruction.getKeyword() === 'RUN')
      .map((instruction) => instruction.getArgumentsContent() ?? '');
    expect(runs.filter((text) => /npm (i|install)\b/.test(text))).toEqual([]);
    expect(runs.filter((text) => /npm ci\b/.test(text))).toHaveLength(2);
    const copied = dockerfile.getCOPYs().flatMap((copy) => copy.getArguments().slice(0, -1).map(String));
    expect(copied).not.toContain('.');
    const [first] = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(first).toBe('*');
  });
});

interface Service {
  readonly image?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly stop_grace_period?: string;
  readonly restart?: string;
  readonly environment?: Record<string, string | number>;
}

describe('docker-compose.yml', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, { internal?: boolean }>;
  };
  const services = Object.entries(compose.services);

  it('hardens every service', () => {
    const lacking = services.filter(
      ([, service]) =>
        !service.read_only ||
        !service.cap_drop?.includes('ALL') ||
        !service.security_opt?.includes('no-new-privileges:true'),
    );
    expect(lacking.map(([name]) => name)).toEqual([]);
    const endless = services.filter(([, service]) => service.restart === 'unless-stopped' && !service.mem_limit);
    expect(endless.map(([name]) => name)).toEqual([]);
  });

  it('publishes the proxy, and Grafana on this machine alone', () => {
    const published = services.filter(([, { ports }]) => ports?.length).map(([name]) => name);
    expect(published).toEqual(['proxy', 'grafana']);
    expect(compose.services.grafana.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
  });

  it('keeps databases, queue and objects on a network without a way in or out', () => {
    expect(compose.networks.data.internal).toBe(true);
    for (const name of ['postgres', 'postgres-replica', 'redis', 'objects'])
      expect({ name, networks: compose.services[name].networks }).toEqual({ name, networks: ['data'] });
  });

  it('names a version of every image', () => {
    const loose = services.filter(([, { image }]) => !/:[\w.-]*\d[\w.-]*\}?$|shelfcast:local\}$/.test(image ?? ''));
    expect(loose.map(([name]) => name)).toEqual([]);
    expect(read('docker-compose.yml')).not.toMatch(/:latest/);
  });

  it('gives processes longer to end than they take', () => {
    for (const name of ['api-1', 'api-2', 'worker-1', 'worker-2']) {
      const { stop_grace_period: grace, environment } = compose.services[name];
      expect(Number(environment?.SHUTDOWN_SECONDS)).toBeLessThan(Number.parseInt(grace ?? '0', 10));
    }
  });

  it('signs API and workers in as users of their own, and tells nobody else’s password but to the one that makes them', () => {
    const owners = services.filter(([, { environment }]) => JSON.stringify(environment)?.includes('POSTGRES_PASSWORD'));
    expect(owners.map(([name]) => name)).toEqual(['postgres', 'migrate']);
    for (const [user, names] of Object.entries({ api: ['api-1', 'api-2'], worker: ['worker-1', 'worker-2'] })) {
      const knowing = services.filter(([, { environment }]) =>
        JSON.stringify(environment)?.includes(`${user.toUpperCase()}_DATABASE_PASSWORD`),
      );
      expect(knowing.map(([name]) => name)).toEqual(['migrate', ...names]);
      for (const name of names)
        expect(compose.services[name].environment?.DATABASE_URL).toMatch(`//shelfcast_${user}_user:`);
    }
  });

  it('documents every variable that must be set', () => {
    const needed = [...read('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
    const documented = new Set([...read('.env.example').matchAll(/^(\w+)=generated$/gm)].map(([, name]) => name));
    expect(needed.filter((name) => !documented.has(name))).toEqual([]);
    expect(needed.length).toBeGreaterThan(5);
  });
});

describe('Redis of the queues', () => {
  it('never evicts', () => {
    expect(read('docker/redis/redis.conf')).toMatch(/^maxmemory-policy noeviction$/m);
  });
});

/** Names that are not metrics: functions, keywords and labels of PromQL. */
const NOT_METRICS =
  /^(sum|rate|max|by|abs|time|increase|unless|histogram_quantile|topk|ignoring|group_left|on|le|route|method|status|queue|state|source|outcome|result|label)$/;

/** What a PromQL expression reads. */
function metricsIn(expression: string): string[] {
  const bare = expression.replace(/\{[^}]*\}|"[^"]*"|\[[^\]]*\]/g, ' ').replace(/\b(by|ignoring|on)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)].map(([name]) => name).filter((name) => !NOT_METRICS.test(name));
}

describe('rules and dashboards', () => {
  it('read only metrics that the processes export', async () => {
    const exported = new Set(['up']);
    for (const { name, type } of await metrics.getMetricsAsJSON()) {
      exported.add(name);
      if (String(type) === 'histogram') for (const part of ['bucket', 'sum', 'count']) exported.add(`${name}_${part}`);
    }
    const rules = parse(read('docker/prometheus/rules.yml')) as {
      groups: { rules: { alert: string; expr: string }[] }[];
    };
    const dashboard = JSON.parse(read('docker/grafana/dashboards/shelfcast.json')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const expressions = [
      ...rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => [alert, expr] as const)),
      ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
    ];
    expect(expressions.length).toBeGreaterThan(15);
    const unknown = expressions.flatMap(([where, expr]) =>
      metricsIn(expr)
        .filter((name) => !exported.has(name))
        .map((name) => `${where}: ${name}`),
    );
    expect(unknown).toEqual([]);
    expect(metricsIn('rate(no_such_total{a="b"}[5m])')).toEqual(['no_such_total']);
  });
});

describe('shell scripts', () => {
  const scripts = ['docker', 'docker/postgres', 'docker/postgres/init', 'infra/scripts'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.sh'))
      .map((name) => join(folder, name)),
  );

  it('are found', () => {
    expect(scripts.length).toBeGreaterThan(6);
  });

  it('are clean for shellcheck where it is installed, and can be parsed in any case', () => {
    for (const script of scripts) {
      const shell = read(script).includes('bash') ? 'bash' : 'sh';
      expect({ script, status: spawnSync(shell, ['-n', script]).status }).toEqual({ script, status: 0 });
    }
    const checked = spawnSync('shellcheck', ['-x', ...scripts], { encoding: 'utf8' });
    if (checked.error) return;
    expect(checked.stdout).toBe('');
  });
});

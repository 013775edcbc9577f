import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { startApi, TestApi } from '../support/test-app.ts';

type Least = 'anybody' | 'viewer' | 'planner' | 'admin';

/** Who may use each operation, stated here once more and on its own, so that a slip on a route does not pass. */
const EXPECTED: Record<string, Least> = {
  'POST /api/v1/auth/login': 'anybody',
  'POST /api/v1/auth/refresh': 'anybody',
  'POST /api/v1/auth/logout': 'viewer',
  'GET /api/v1/auth/me': 'viewer',
  'GET /api/v1/users': 'admin',
  'POST /api/v1/users': 'admin',
  'GET /api/v1/users/{id}': 'admin',
  'PUT /api/v1/users/{id}': 'admin',
  'DELETE /api/v1/users/{id}': 'admin',
  'GET /api/v1/admin/audit': 'admin',
  'GET /api/v1/admin/audit/verification': 'admin',
  'GET /api/v1/admin/workflows': 'admin',
  'GET /api/v1/admin/workflows/{id}': 'admin',
  'POST /api/v1/admin/workflows/{id}/cancel': 'admin',
  'POST /api/v1/admin/workflows/{id}/retry': 'admin',
  'GET /api/v1/admin/queues': 'admin',
  'GET /api/v1/admin/queues/{name}/dead-letters': 'admin',
  'POST /api/v1/admin/queues/{name}/redrive': 'admin',
  'GET /api/v1/admin/schedules': 'admin',
  'GET /api/v1/admin/schedules/{name}': 'admin',
  'GET /api/v1/admin/schedules/{name}/ticks': 'admin',
  'PUT /api/v1/admin/schedules/{name}': 'admin',
  'GET /api/v1/alerts': 'planner',
  'POST /api/v1/alerts/{id}/acknowledge': 'planner',
  'POST /api/v1/alerts/{id}/resolve': 'planner',
  'GET /api/v1/products': 'planner',
  'POST /api/v1/products': 'planner',
  'GET /api/v1/products/{id}': 'planner',
  'PUT /api/v1/products/{id}': 'planner',
  'DELETE /api/v1/products/{id}': 'planner',
  'GET /api/v1/locations': 'planner',
  'POST /api/v1/locations': 'planner',
  'GET /api/v1/locations/{id}': 'planner',
  'PUT /api/v1/locations/{id}': 'planner',
  'DELETE /api/v1/locations/{id}': 'planner',
  'POST /api/v1/sales-data/upload': 'planner',
  'POST /api/v1/sales-data/upload-url': 'planner',
  'GET /api/v1/sales-data/uploads': 'planner',
  'GET /api/v1/sales-data/uploads/{id}': 'planner',
  'GET /api/v1/sales-data/uploads/{id}/rejected': 'planner',
  'POST /api/v1/sales-data/uploads/{id}/release': 'admin',
  'POST /api/v1/sales-data/events': 'planner',
  'POST /api/v1/sales-data/curate': 'admin',
  'GET /api/v1/sales-data/archive': 'admin',
  'POST /api/v1/sales-data/archive/{month}/restore': 'admin',
  'GET /api/v1/sales-data/summary': 'planner',
  'GET /api/v1/sales-data/{product_id}': 'planner',
  'GET /api/v1/signals': 'planner',
  'POST /api/v1/signals/import': 'planner',
  'GET /api/v1/signals/events': 'planner',
  'POST /api/v1/signals/events': 'planner',
  'POST /api/v1/forecasts/generate': 'planner',
  'GET /api/v1/forecasts': 'viewer',
  'GET /api/v1/forecasts/{product_id}': 'viewer',
  'GET /api/v1/forecasts/{product_id}/accuracy': 'viewer',
  'GET /api/v1/forecasts/{product_id}/components': 'viewer',
  'GET /api/v1/forecasts/{product_id}/explanation': 'viewer',
  'GET /api/v1/forecast/top-products': 'viewer',
  'POST /api/v1/models/train': 'admin',
  'GET /api/v1/models': 'planner',
  'POST /api/v1/models/experiments': 'admin',
  'GET /api/v1/models/experiments': 'planner',
  'GET /api/v1/models/experiments/{id}': 'planner',
  'POST /api/v1/models/experiments/{id}/stop': 'admin',
  'GET /api/v1/forecasts/anomalies': 'viewer',
  'GET /api/v1/models/{version}/accuracy': 'planner',
  'GET /api/v1/models/{version}': 'planner',
  'POST /api/v1/models/{version}/ablation': 'admin',
  'POST /api/v1/models/{version}/promote': 'admin',
  'POST /api/v1/models/{version}/rollback': 'admin',
  'GET /api/v1/models/rollouts': 'planner',
  'GET /api/v1/models/rollouts/{id}': 'planner',
  'POST /api/v1/models/rollouts/{id}/advance': 'admin',
  'POST /api/v1/models/rollouts/{id}/abort': 'admin',
  'GET /api/v1/inventory/{product_id}': 'planner',
  'PUT /api/v1/inventory/{product_id}': 'planner',
  'POST /api/v1/inventory/snapshot': 'planner',
  'GET /api/v1/reports/inventory-recommendations': 'planner',
  'GET /api/v1/reports/lost-sales': 'planner',
  'GET /api/v1/reports/data-quality': 'planner',
  'GET /api/v1/inventory/availability': 'planner',
  'GET /api/v1/reports/forecast-summary': 'planner',
  'GET /api/v1/jobs/{id}': 'planner',
  'DELETE /api/v1/jobs/{id}': 'planner',
  'GET /health/live': 'anybody',
  'GET /health/ready': 'anybody',
  'GET /metrics': 'admin',
};

/** What `VIEWER_READS_CATALOGUE` opens to viewers as well. */
const CATALOGUE_READS = /^GET \/api\/v1\/(products|locations|sales-data\/(summary|\{)|reports)/;

const CALLERS = ['anybody', 'viewer', 'planner', 'admin'] as const;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const operations = Object.entries(
  (JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, object> }).paths,
)
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  // Signing out ends the session that the other calls need.
  .sort((a, b) => Number(a.includes('logout')) - Number(b.includes('logout')));

describe.each([false, true])('who may do what, VIEWER_READS_CATALOGUE=%s', (catalogue) => {
  let api: TestApi;
  const tokens: Partial<Record<Least, string>> = {};

  beforeAll(async () => {
    api = await startApi({ VIEWER_READS_CATALOGUE: String(catalogue) });
    for (const role of ['viewer', 'planner', 'admin'] as const) tokens[role] = await api.tokenOf(role);
  });
  afterAll(() => api.stop());

  it('is expected of every operation, and of no other', () => {
    expect([...operations].sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(operations)('%s', async (operation) => {
    const [method, template] = operation.split(' ');
    const url = template.replace(/\{[^}]+\}/g, UNKNOWN_ID);
    const least = CALLERS.indexOf(EXPECTED[operation]);
    const opened = catalogue && CATALOGUE_READS.test(operation) ? Math.min(least, CALLERS.indexOf('viewer')) : least;
    for (const [rank, caller] of CALLERS.entries()) {
      const request = api.http[method.toLowerCase() as 'get'](url);
      if (tokens[caller]) request.set('authorization', `Bearer ${tokens[caller]}`);
      const { status } = await (method === 'GET' || method === 'DELETE' ? request : request.send({}));
      const outcome = status === 401 ? 'unauthenticated' : status === 403 ? 'forbidden' : 'let in';
      // Sign-in itself answers 400 or 401 to an empty body, whoever asks.
      const expected =
        EXPECTED[operation] === 'anybody'
          ? expect.any(String)
          : rank >= opened
            ? 'let in'
            : rank === 0
              ? 'unauthenticated'
              : 'forbidden';
      expect({ caller, outcome }).toEqual({ caller, outcome: expected });
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startApi, TestApi } from '../support/test-app.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-/;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => api.stop());

const as = (test: ReturnType<TestApi['http']['get']>) => test.set('authorization', `Bearer ${api.adminToken}`);

describe('GET /metrics', () => {
  it('has the duration of requests by the template of their route, and no id among the labels', async () => {
    const ids = Array.from({ length: 5 }, () => randomUUID());
    for (const id of ids) await as(api.http.get(`/api/v1/products/${id}?secret=${id}`)).expect(404);
    await as(api.http.get(`/api/v1/nowhere/${ids[0]}`)).expect(404);
    const { text } = await as(api.http.get('/metrics')).expect(200);
    const lines = text.split('\n').filter((line) => line.startsWith('http_request_duration_seconds'));
    const of = (part: string, labels: string) =>
      lines.find((line) => line.startsWith(`http_request_duration_seconds_${part}{`) && line.includes(labels));
    const labels = 'method="GET",route="/api/v1/products/:id",status="404"';
    expect(of('count', labels)).toBe(`http_request_duration_seconds_count{${labels}} 5`);
    expect(Number(of('sum', labels)?.split(' ').at(-1))).toBeGreaterThan(0);
    expect(of('bucket', `le="+Inf",${labels}`)).toBe(`http_request_duration_seconds_bucket{le="+Inf",${labels}} 5`);
    // One series for all paths that are none, or who asks for many could fill the memory.
    expect(lines.filter((line) => line.includes('nowhere'))).toEqual([]);
    expect(of('count', 'route="unmatched",status="404"')).toBeDefined();
    expect(lines.filter((line) => UUID.test(line) || line.includes('secret'))).toEqual([]);
  });
});

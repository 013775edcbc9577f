import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi, TestApi } from '../support/test-app.ts';

const SCRIPT = `<script>alert(1)</script><img src=x onerror="alert(2)">`;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => api.stop());

const as = (test: ReturnType<TestApi['http']['get']>) => test.set('authorization', `Bearer ${api.adminToken}`);

/** That a browser takes an answer for data, and would run nothing of it even so. */
function expectData(headers: Record<string, string>, type: string): void {
  expect(headers['content-type'].split(';')[0]).toBe(type);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
}

describe('a script in the name of a product', () => {
  let id: string;

  it('is kept and answered as the text it is, in data that nothing runs in', async () => {
    const { body, headers } = await as(api.http.post('/api/v1/products'))
      .send({ sku: 'XSS-1', name: SCRIPT, category: SCRIPT })
      .expect(201);
    expectData(headers, 'application/json');
    id = body.product_id;
    for (const path of [`/api/v1/products/${id}`, '/api/v1/products?search=script', '/api/v1/admin/audit']) {
      const answer = await as(api.http.get(path)).expect(200);
      expectData(answer.headers, 'application/json');
    }
    const { body: found } = await as(api.http.get(`/api/v1/products/${id}`)).expect(200);
    expect({ name: found.name, category: found.category }).toEqual({ name: SCRIPT, category: SCRIPT });
  });

  it('is no part of a page when it is refused', async () => {
    const refused = await as(api.http.post('/api/v1/products')).send({ sku: SCRIPT.repeat(50), name: SCRIPT });
    expect(refused.status).toBe(400);
    expectData(refused.headers, 'application/problem+json');
    const unknown = await as(api.http.get(`/api/v1/products/${encodeURIComponent(SCRIPT)}`));
    expect(unknown.status).toBe(400);
    expectData(unknown.headers, 'application/problem+json');
    expect(unknown.text).not.toContain('<script>');
  });

  it('would not run in the pages there are, which take scripts from their own server alone', async () => {
    for (const path of ['/', '/docs']) {
      const { headers, text } = await api.http.get(path).redirects(1).expect(200);
      const policy = headers['content-security-policy'];
      expect(policy).toContain("default-src 'self'");
      expect(policy).not.toMatch(/script-src[^;]*'unsafe/);
      expect(text).not.toContain(SCRIPT);
    }
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, startApi, TestApi } from '../support/test-app.ts';

/** More than any of these tests takes. */
const ENOUGH_MS = 15_000;

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ LOGIN_ATTEMPTS_PER_MINUTE: '20', RATE_LIMIT_PER_MINUTE: '60' });
});
afterAll(async () => api.stop());
// Limits begin anew with each minute: none may turn over in the middle of a test.
beforeEach(async () => {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < ENOUGH_MS) await sleep(left);
});

describe('limits', () => {
  it('lock guessing softly by the tenth try, whoever claims to ask for somebody else', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const { status, headers } = await api.http
        .post('/api/v1/auth/login')
        .set('x-forwarded-for', `203.0.113.${i}`)
        .send({ email: 'somebody@example.test', password: `guess ${i}` });
      statuses.push(status);
      if (status === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(statuses.slice(0, 9)).toEqual(Array(9).fill(401));
    expect(statuses).toContain(429);
    await api.http.post('/api/v1/auth/login').send({ email: ADMIN.email, password: ADMIN.password }).expect(200);
  });

  it('refuse a caller over the limit with 429, and nobody else', async () => {
    const other = await api.tokenOf('viewer');
    let last;
    for (let i = 0; i < 61; i++) {
      last = await api.http.get('/api/v1/auth/me').set('authorization', `Bearer ${other}`);
      if (last.status === 429) break;
      expect(last.headers['ratelimit-remaining']).toBe(String(59 - i));
    }
    expect(last).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS', status: 429 } });
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect(last?.headers['ratelimit-remaining']).toBe('0');
    await api.http.get('/api/v1/auth/me').set('authorization', `Bearer ${api.adminToken}`).expect(200);
  });

  it('count refused tokens and unknown paths under the address, and never refuse a probe', async () => {
    let status = 0;
    for (let i = 0; i < 70 && status !== 429; i++) {
      ({ status } = await api.http
        .get(i % 2 ? '/api/v1/nowhere' : '/api/v1/auth/me')
        .set('authorization', `Bearer ${i}`));
    }
    expect(status).toBe(429);
    await api.http.get('/health/live').expect(200);
  });
});

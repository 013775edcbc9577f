import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { ADMIN, startApi, TestApi } from '../support/test-app.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
const seconds = (): number => Math.floor(Date.now() / 1000);

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => api.stop());

const login = (email: string, password: string) => api.http.post('/api/v1/auth/login').send({ email, password });
const refresh = (token: string) => api.http.post('/api/v1/auth/refresh').send({ refresh_token: token });
const me = (token: string) => api.http.get('/api/v1/auth/me').set('authorization', `Bearer ${token}`);

/** Signs claims with the server's own key, to show that what is wrong is the claims. */
function signed(claims: object, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', api.config.auth.jwtKey).update(text).digest('base64url')}`;
}

describe('signing in', () => {
  it('answers tokens and the role, never to be cached', async () => {
    const { body, headers } = await login(ADMIN.email.toUpperCase(), ADMIN.password).expect(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'Bearer',
      expires_in: 900,
      role: 'admin',
    });
    expect(headers['cache-control']).toBe('no-store');
    const claims = decode(body.access_token.split('.')[1]);
    expect(claims).toMatchObject({ email: ADMIN.email, role: 'admin', typ: 'access', iss: 'shelfcast', locs: [] });
    expect((claims.exp as number) - (claims.iat as number)).toBe(900);
    const { body: who } = await me(body.access_token).expect(200);
    expect(who).toEqual({ user_id: claims.sub, email: ADMIN.email, role: 'admin', location_ids: [] });
  });

  it('answers an unknown user, a wrong password and a disabled user alike', async () => {
    await api.http
      .post('/api/v1/users')
      .set('authorization', `Bearer ${api.adminToken}`)
      .send({ email: 'gone@example.test', password: 'a long enough passphrase', role: 'viewer', disabled: true })
      .expect(201);
    const answers = [];
    for (const [email, password] of [
      ['nobody@example.test', 'a long enough passphrase'],
      [ADMIN.email, 'wrong'],
      ['gone@example.test', 'a long enough passphrase'],
    ]) {
      const { status, body } = await login(email, password);
      answers.push({ status, ...body, correlation_id: null });
    }
    expect(answers[0]).toMatchObject({ status: 401, detail: 'Email or password is wrong' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it.each([
    [{}, 'email'],
    [{ email: ADMIN.email, password: ADMIN.password, role: 'admin' }, 'role'],
    [{ email: ADMIN.email, password: { $ne: null } }, 'password'],
    [{ email: ['a'], password: 'x' }, 'email'],
  ])('refuses the body %j and names %s', async (body, field) => {
    const answer = await api.http.post('/api/v1/auth/login').send(body).expect(400);
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toContain(field);
  });

  it("lets SQL in an email be an unknown user's", async () => {
    await login(`' OR 1=1 --`, `' OR '1'='1`).expect(401);
    await login('a\u0000b', 'x').expect(400);
  });
});

describe('access tokens', () => {
  const claims = () => decode(api.adminToken.split('.')[1]);

  it('passes with the same claims signed by the right key, so that the refusals below are about what they change', async () => {
    await me(signed(claims())).expect(200);
  });

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const attacks: [string, () => string][] = [
    ['alg none', () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims())}.`],
    ['alg None', () => `${encode({ alg: 'None', typ: 'JWT' })}.${encode(claims())}.`],
    ['none with a signature', () => `${encode({ alg: 'none' })}.${api.adminToken.split('.').slice(1).join('.')}`],
    [
      'another HMAC',
      () => {
        const text = `${encode({ alg: 'HS512', typ: 'JWT' })}.${encode(claims())}`;
        return `${text}.${createHmac('sha512', api.config.auth.jwtKey).update(text).digest('base64url')}`;
      },
    ],
    [
      'a public key as the secret',
      () => {
        const pem = publicKey.export({ type: 'spki', format: 'pem' });
        const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims())}`;
        return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
      },
    ],
    [
      'a foreign secret',
      () => {
        const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims())}`;
        return `${text}.${createHmac('sha256', 'x'.repeat(48)).update(text).digest('base64url')}`;
      },
    ],
    ['kid', () => signed(claims(), { alg: 'HS256', kid: '../../../../dev/null' })],
    ['jwk', () => signed(claims(), { alg: 'HS256', jwk: privateKey.export({ format: 'jwk' }) })],
    ['jku', () => signed(claims(), { alg: 'HS256', jku: 'http://127.0.0.1/keys' })],
    ['x5u', () => signed(claims(), { alg: 'HS256', x5u: 'http://127.0.0.1/cert' })],
    ['truncated signature', () => api.adminToken.slice(0, -2)],
    ['no signature', () => api.adminToken.split('.').slice(0, 2).join('.')],
    [
      'changed role',
      () => [api.adminToken.split('.')[0], encode({ ...claims(), role: 'x' }), api.adminToken.split('.')[2]].join('.'),
    ],
    ['expired beyond the leeway', () => signed({ ...claims(), exp: seconds() - 6 })],
    ['no end', () => signed({ ...claims(), exp: undefined })],
    ['not yet valid', () => signed({ ...claims(), nbf: seconds() + 60 })],
    ['another issuer', () => signed({ ...claims(), iss: 'evil' })],
    ['another audience', () => signed({ ...claims(), aud: 'evil' })],
    ['refresh type', () => signed({ ...claims(), typ: 'refresh' })],
    ['no type', () => signed({ ...claims(), typ: undefined })],
    ['an old version', () => signed({ ...claims(), ver: 0 })],
    ['an unknown user', () => signed({ ...claims(), sub: randomUUID(), sid: randomUUID() })],
    ["another user's session", () => signed({ ...claims(), sub: randomUUID() })],
    ['rubbish', () => 'a.b.c'],
    ['a very long token', () => 'a'.repeat(9000)],
  ];

  it.each(attacks)('refuses a token with %s and writes nothing', async (_name, token) => {
    const count = `SELECT (SELECT count(*) FROM audit_log) + (SELECT count(*) FROM refresh_tokens) AS rows`;
    const before = (await api.database.client.query(count)).rows[0];
    const { body, headers } = await me(token()).expect(401);
    expect(body).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect((await api.database.client.query(count)).rows[0]).toEqual(before);
  });

  it('accepts one that ended within the leeway', async () => {
    await me(signed({ ...claims(), exp: seconds() - 2 })).expect(200);
  });

  it('refuses a refresh token as an access token', async () => {
    const { body } = await login(ADMIN.email, ADMIN.password).expect(200);
    await me(body.refresh_token).expect(401);
  });

  it('takes the token from the header only', async () => {
    await api.http.get(`/api/v1/auth/me?access_token=${api.adminToken}`).expect(401);
    await api.http.get('/api/v1/auth/me').set('cookie', `access_token=${api.adminToken}`).expect(401);
    await api.http.get('/api/v1/auth/me').set('authorization', `Basic ${api.adminToken}`).expect(401);
  });
});

describe('refresh tokens', () => {
  const family = (token: string): string => String(decode(token.split('.')[1]).sid);

  it('rotate, and die together with their access tokens when one is used twice', async () => {
    const first = (await login(ADMIN.email, ADMIN.password).expect(200)).body;
    const second = (await refresh(first.refresh_token).expect(200)).body;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    await me(second.access_token).expect(200);
    await refresh(first.refresh_token).expect(401);
    await refresh(second.refresh_token).expect(401);
    await me(second.access_token).expect(401);
    const { rows } = await api.database.client.query(
      `SELECT actor, action FROM audit_log WHERE action = 'session.revoked' AND after->>'family' = $1`,
      [family(first.access_token)],
    );
    expect(rows).toEqual([{ actor: ADMIN.email, action: 'session.revoked' }]);
    await me(api.adminToken).expect(200);
  });

  it('let exactly one of twenty through', async () => {
    const { body } = await login(ADMIN.email, ADMIN.password).expect(200);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(body.refresh_token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(401)]);
  });

  it('live for seven days, and their family for thirty', async () => {
    const { body } = await login(ADMIN.email, ADMIN.password).expect(200);
    const sid = family(body.access_token);
    const { rows } = await api.database.client.query(
      `SELECT extract(day FROM expires_at - created_at)::int AS token, extract(day FROM family_expires_at - created_at)::int AS family
       FROM refresh_tokens WHERE family = $1`,
      [sid],
    );
    expect(rows).toEqual([{ token: 7, family: 30 }]);
    await api.database.client.query(
      `UPDATE refresh_tokens SET family_expires_at = now() + interval '1 hour' WHERE family = $1`,
      [sid],
    );
    const { body: next } = await refresh(body.refresh_token).expect(200);
    const { rows: later } = await api.database.client.query(
      `SELECT expires_at < now() + interval '2 hours' AS bounded FROM refresh_tokens WHERE family = $1 AND used_at IS NULL`,
      [sid],
    );
    expect(later).toEqual([{ bounded: true }]);
    await api.database.client.query(`UPDATE refresh_tokens SET expires_at = now() WHERE family = $1`, [sid]);
    await refresh(next.refresh_token).expect(401);
  });

  it('are not stored in the clear', async () => {
    const { body } = await login(ADMIN.email, ADMIN.password).expect(200);
    const { rows } = await api.database.client.query(`SELECT string_agg(t::text, ' ') AS all FROM refresh_tokens t`);
    expect(rows[0].all).not.toContain(body.refresh_token);
    await refresh('x'.repeat(43)).expect(401);
    await api.http.post('/api/v1/auth/refresh').send({}).expect(400);
  });

  it('end with the session', async () => {
    const { body } = await login(ADMIN.email, ADMIN.password).expect(200);
    await me(body.access_token).expect(200);
    await api.http.post('/api/v1/auth/logout').set('authorization', `Bearer ${body.access_token}`).expect(204);
    await me(body.access_token).expect(401);
    await refresh(body.refresh_token).expect(401);
    await me(api.adminToken).expect(200);
  });
});

describe('every answer', () => {
  it('carries the rate limit', async () => {
    for (const answer of [
      await me(api.adminToken).expect(200),
      await me('x').expect(401),
      await api.http.get('/api/v1/nowhere').expect(404),
      await api.http.get('/health/live').expect(200),
    ]) {
      expect(answer.headers['ratelimit-limit']).toBe('1000000');
      expect(Number(answer.headers['ratelimit-remaining'])).toBeLessThan(1_000_000);
      expect(Number(answer.headers['ratelimit-reset'])).toBeGreaterThan(0);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { ADMIN, ApiBeside, startApi, TestApi } from '../support/test-app.ts';

const OLD = 'the secret of before '.repeat(2);
const NEW = 'the secret from now on '.repeat(2);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (token: string, part: number) =>
  JSON.parse(Buffer.from(token.split('.')[part], 'base64url').toString()) as Record<string, unknown>;

/** The same claims under another header and signature. */
function resigned(token: string, header: object, secret: string, hash = 'sha256'): string {
  const text = `${encode(header)}.${encode(decode(token, 1))}`;
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

const signIn = async ({ http }: Pick<TestApi, 'http'>): Promise<Tokens> =>
  (await http.post('/api/v1/auth/login').send({ email: ADMIN.email, password: ADMIN.password }).expect(200)).body;
const refresh = ({ http }: Pick<TestApi, 'http'>, token: string) =>
  http.post('/api/v1/auth/refresh').send({ refresh_token: token });
const statusOf = async ({ http }: Pick<TestApi, 'http'>, token: string): Promise<number> =>
  (await http.get('/api/v1/auth/me').set('authorization', `Bearer ${token}`)).status;

/** The APIs as they are one after the other while the secret is changed. */
let before: TestApi;
let acceptsNew: ApiBeside;
let signsNew: ApiBeside;
let after: ApiBeside;
let old: Tokens;
let fresh: Tokens;

beforeAll(async () => {
  before = await startApi({ JWT_SECRET: OLD });
  acceptsNew = await before.beside({ JWT_SECRET: OLD, JWT_SECRET_PREVIOUS: NEW });
  signsNew = await before.beside({ JWT_SECRET: NEW, JWT_SECRET_PREVIOUS: OLD });
  after = await before.beside({ JWT_SECRET: NEW });
  old = await signIn(before);
  fresh = await signIn(signsNew);
});
afterAll(async () => before.stop());

describe('while the signing secret is changed', () => {
  it('tokens say which secret signed them', () => {
    const [of, now] = [old, fresh].map(({ access_token }) => decode(access_token, 0));
    expect(of).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(now).toEqual({ ...of, kid: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(now.kid).not.toBe(of.kid);
  });

  it('a token of the previous secret is good as long as that is set, and no longer', async () => {
    expect(await statusOf(signsNew, old.access_token)).toBe(200);
    expect(await statusOf(signsNew, fresh.access_token)).toBe(200);
    expect(await statusOf(after, old.access_token)).toBe(401);
    expect(await statusOf(after, fresh.access_token)).toBe(200);
  });

  it('APIs that have been told of the new secret take its tokens before they sign with it, others do not', async () => {
    expect(await statusOf(acceptsNew, fresh.access_token)).toBe(200);
    expect(decode((await signIn(acceptsNew)).access_token, 0)).toEqual(decode(old.access_token, 0));
    expect(await statusOf(before, fresh.access_token)).toBe(401);
  });

  it('a token that names no secret is tried with both', async () => {
    const bare = { alg: 'HS256', typ: 'JWT' };
    expect(await statusOf(signsNew, resigned(old.access_token, bare, OLD))).toBe(200);
    expect(await statusOf(signsNew, resigned(old.access_token, bare, NEW))).toBe(200);
    expect(await statusOf(after, resigned(old.access_token, bare, OLD))).toBe(401);
  });

  it.each<[string, () => string]>([
    ['another secret', () => resigned(old.access_token, { alg: 'HS256' }, 'x'.repeat(40))],
    [
      'another secret under the name of the previous one',
      () => resigned(old.access_token, decode(old.access_token, 0), 'x'.repeat(40)),
    ],
    [
      'the previous secret under the name of the current one',
      () => resigned(old.access_token, decode(fresh.access_token, 0), OLD),
    ],
    [
      'the previous secret and another hash',
      () => resigned(old.access_token, { ...decode(old.access_token, 0), alg: 'HS512' }, OLD, 'sha512'),
    ],
    [
      'nothing, under the name of the previous one',
      () => `${encode({ ...decode(old.access_token, 0), alg: 'none' })}.${old.access_token.split('.')[1]}.`,
    ],
    ['nothing, under no name', () => `${encode({ alg: 'none' })}.${old.access_token.split('.')[1]}.`],
  ])('a token signed with %s is refused', async (_how, token) => {
    expect(await statusOf(signsNew, token())).toBe(401);
  });

  it('sessions go on, also from before to after', async () => {
    const session = await signIn(before);
    const { body: second } = await refresh(signsNew, session.refresh_token).expect(200);
    const { body: third } = await refresh(after, second.refresh_token as string).expect(200);
    expect(await statusOf(after, third.access_token as string)).toBe(200);
    expect(decode(third.access_token as string, 1).sid).toBe(decode(session.access_token, 1).sid);
  });

  it('a retry with its Idempotency-Key is recognised by either API', async () => {
    const add = ({ http }: Pick<TestApi, 'http'>, key: string, sku: string) =>
      http
        .post('/api/v1/locations')
        .set('authorization', `Bearer ${fresh.access_token}`)
        .set('idempotency-key', key)
        .send({ code: sku, name: sku });
    const first = await before.http
      .post('/api/v1/locations')
      .set('authorization', `Bearer ${old.access_token}`)
      .set('idempotency-key', 'one')
      .send({ code: 'ONE', name: 'ONE' })
      .expect(201);
    const again = await add(signsNew, 'one', 'ONE').expect(201);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    await add(signsNew, 'one', 'OTHER').expect(422);
    await add(after, 'one', 'ONE').expect(422);

    await add(signsNew, 'two', 'TWO').expect(201);
    expect((await add(acceptsNew, 'two', 'TWO').expect(201)).headers['idempotency-replayed']).toBe('true');
  });
});

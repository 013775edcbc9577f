import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ADMIN, startApi, TestApi } from '../support/test-app.ts';

const PASSWORD = 'a long enough passphrase';
let api: TestApi;
let adminId: string;
let count = 0;

beforeAll(async () => {
  api = await startApi();
  adminId = (await as(api.adminToken).get('/auth/me')).body.user_id;
});
afterAll(async () => api.stop());

/** Client that sends a token. */
function as(token: string) {
  const send = (method: 'get' | 'post' | 'put' | 'delete') => (path: string) =>
    api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${token}`);
  return { get: send('get'), post: send('post'), put: send('put'), delete: send('delete') };
}

/** Adds a user through the API. */
async function addUser(fields: object = {}) {
  const email = `user-${++count}@example.test`;
  const { body } = await as(api.adminToken)
    .post('/users')
    .send({ email, password: PASSWORD, role: 'viewer', ...fields })
    .expect(201);
  return body as { user_id: string; email: string; role: string; location_ids: string[]; disabled: boolean };
}

describe('users', () => {
  it('are added, read, replaced and removed by an administrator; the password never comes back', async () => {
    const admin = as(api.adminToken);
    const place = randomUUID();
    const created = await admin
      .post('/users')
      .send({ email: ' Somebody@Example.test ', password: PASSWORD, role: 'planner', location_ids: [place] })
      .expect(201);
    expect(created.body).toEqual({
      user_id: expect.any(String),
      email: 'somebody@example.test',
      role: 'planner',
      location_ids: [place],
      disabled: false,
      created_at: expect.stringMatching(/Z$/),
    });
    const path = `/users/${created.body.user_id}`;
    expect(created.headers.location).toBe(`/api/v1${path}`);
    const read = await admin.get(path).expect(200);
    expect(read.body).toEqual(created.body);
    const state = { email: 'somebody@example.test', role: 'viewer' };
    const replaced = await admin.put(path).set('if-match', read.headers.etag).send(state).expect(200);
    expect(replaced.body).toEqual({ ...created.body, role: 'viewer', location_ids: [] });
    await admin.put(path).set('if-match', read.headers.etag).send(state).expect(412);
    await admin.delete(path).expect(204);
    await admin.get(path).expect(404);
    await admin.delete(path).expect(404);
    const { rows } = await api.database.client.query(
      `SELECT action, actor, coalesce(before::text, '') || coalesce(after::text, '') AS state FROM audit_log
       WHERE entity_id = $1 ORDER BY id`,
      [created.body.user_id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['user.created', 'user.updated', 'user.deleted']);
    expect(rows.every(({ actor, state }) => actor === ADMIN.email && !/argon2|password/.test(state))).toBe(true);
  });

  it('are stored with argon2id', async () => {
    const { user_id } = await addUser();
    const { rows } = await api.database.client.query(`SELECT password_hash FROM users WHERE id = $1`, [user_id]);
    expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it.each([
    ['id', randomUUID()],
    ['user_id', randomUUID()],
    ['created_at', '2020-01-01T00:00:00Z'],
    ['token_version', 99],
    ['password_hash', 'x'],
    ['constructor', { a: 1 }],
    ['constructor', 'x'],
    ['prototype', {}],
  ])('refuses the field %s', async (field, value) => {
    const body = { email: 'mass@example.test', password: PASSWORD, role: 'viewer', [field]: value };
    const { body: problem } = await as(api.adminToken).post('/users').send(body).expect(400);
    expect(problem.detail).toContain(field);
  });

  it('refuses __proto__ and pollutes nothing', async () => {
    await as(api.adminToken)
      .post('/users')
      .type('json')
      .send(`{"email":"p@example.test","password":"${PASSWORD}","role":"viewer","__proto__":{"polluted":true}}`)
      .expect(400);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    [{ email: 'no-email' }, 'email'],
    [{ role: 'root' }, 'role'],
    [{ role: ['admin'] }, 'role'],
    [{ password: 'short' }, 'password'],
    [{ password: 'password123' }, 'password'],
    [{ password: 'x'.repeat(129) }, 'password'],
    [{ location_ids: ['x'] }, 'location_ids'],
    [{ location_ids: null }, 'location_ids'],
    [{ disabled: 'yes' }, 'disabled'],
  ])('refuses %j and names %s', async (fields, field) => {
    const { body } = await as(api.adminToken)
      .post('/users')
      .send({ email: 'bad@example.test', password: PASSWORD, role: 'viewer', ...fields })
      .expect(400);
    expect(body.errors[0].field).toBe(field);
  });

  it('take any characters in a password, all of them counted', async () => {
    const password = `пароль 🍎 ${'x'.repeat(117)}!`;
    const { email } = await addUser({ password });
    await api.signIn(email, password);
    await api.http
      .post('/api/v1/auth/login')
      .send({ email, password: `${password.slice(0, -1)}?` })
      .expect(401);
  });

  it('have one email each, whatever its case, also when twenty ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        as(api.adminToken)
          .post('/users')
          .send({ email: i % 2 ? 'twin@example.test' : 'TWIN@example.test', password: PASSWORD, role: 'viewer' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  it('are listed page by page, each once, while others are added', async () => {
    await Promise.all(Array.from({ length: 7 }, () => addUser()));
    const seen: string[] = [];
    let cursor: string | null = '';
    do {
      const { body }: { body: { items: { email: string }[]; next_cursor: string | null } } = await as(api.adminToken)
        .get(`/users?limit=3${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      seen.push(...body.items.map(({ email }) => email));
      cursor = body.next_cursor;
      await addUser({ email: `aaa-${seen.length}@example.test` });
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    const { rows } = await api.database.client.query(`SELECT email FROM users WHERE email NOT LIKE 'aaa-%'`);
    expect(seen).toEqual(expect.arrayContaining(rows.map(({ email }) => email)));
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=x',
    'cursor=x',
    'sort=email',
    'limit=1&limit=2',
    '__proto__=1',
    'constructor=1',
  ])('refuses the query %s', async (query) => {
    await as(api.adminToken).get(`/users?${query}`).expect(400);
  });

  it('answer 404 for one that is not there, and 400 for an id that is none', async () => {
    await as(api.adminToken).get(`/users/${randomUUID()}`).expect(404);
    const { body } = await as(api.adminToken).get(`/users/1'--`).expect(400);
    expect(body.errors).toEqual([{ field: 'id', message: 'must be a UUID' }]);
  });
});

describe('the last administrator', () => {
  it.each([
    ['demoted', { email: ADMIN.email, role: 'planner' }],
    ['disabled', { email: ADMIN.email, role: 'admin', disabled: true }],
  ])('is not %s', async (_name, state) => {
    await as(api.adminToken).put(`/users/${adminId}`).send(state).expect(409);
  });

  it('is not deleted, even when two delete each other at once', async () => {
    await as(api.adminToken).delete(`/users/${adminId}`).expect(409);
    const fresh = await startApi();
    try {
      const call = (token: string, id: string) =>
        fresh.http.delete(`/api/v1/users/${id}`).set('authorization', `Bearer ${token}`);
      const second = await fresh.tokenOf('admin');
      const idOf = async (token: string) =>
        (await fresh.http.get('/api/v1/auth/me').set('authorization', `Bearer ${token}`).expect(200)).body.user_id;
      const [first, other] = [await idOf(fresh.adminToken), await idOf(second)];
      const answers = await Promise.all([call(fresh.adminToken, other), call(second, first)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    } finally {
      await fresh.stop();
    }
  });
});

describe('sessions end at once', () => {
  it.each([
    ['disabled', { disabled: true }],
    ['given another role', { role: 'planner' }],
    ['given another password', { password: 'quite another passphrase' }],
  ])('when a user is %s', async (_name, change) => {
    const { user_id, email } = await addUser();
    const { body: tokens } = await api.http.post('/api/v1/auth/login').send({ email, password: PASSWORD }).expect(200);
    await as(tokens.access_token).get('/auth/me').expect(200);
    await as(api.adminToken)
      .put(`/users/${user_id}`)
      .send({ email, role: 'viewer', ...change })
      .expect(200);
    await as(tokens.access_token).get('/auth/me').expect(401);
    await api.http.post('/api/v1/auth/refresh').send({ refresh_token: tokens.refresh_token }).expect(401);
  });

  it('when a user is deleted', async () => {
    const { user_id, email } = await addUser();
    const token = await api.signIn(email, PASSWORD);
    await as(token).get('/auth/me').expect(200);
    await as(api.adminToken).delete(`/users/${user_id}`).expect(204);
    await as(token).get('/auth/me').expect(401);
  });

  it('but not when nothing changed, and only the access token when the email did', async () => {
    const { user_id, email } = await addUser();
    const { body: tokens } = await api.http.post('/api/v1/auth/login').send({ email, password: PASSWORD }).expect(200);
    await as(api.adminToken).put(`/users/${user_id}`).send({ email, role: 'viewer' }).expect(200);
    await as(tokens.access_token).get('/auth/me').expect(200);
    await as(api.adminToken)
      .put(`/users/${user_id}`)
      .send({ email: `new-${email}`, role: 'viewer' })
      .expect(200);
    await as(tokens.access_token).get('/auth/me').expect(401);
    const { body } = await api.http
      .post('/api/v1/auth/refresh')
      .send({ refresh_token: tokens.refresh_token })
      .expect(200);
    expect((await as(body.access_token).get('/auth/me').expect(200)).body.email).toBe(`new-${email}`);
  });
});

describe('administration', () => {
  it.each(['planner', 'viewer', 'nobody'] as const)('is closed to a %s', async (role) => {
    const client = as(role === 'nobody' ? 'x' : await api.tokenOf(role));
    const status = role === 'nobody' ? 401 : 403;
    const id = randomUUID();
    await client.get('/users').expect(status);
    await client.post('/users').send({}).expect(status);
    await client.get(`/users/${id}`).expect(status);
    await client.put(`/users/${id}`).send({}).expect(status);
    await client.delete(`/users/${id}`).expect(status);
    await client.get('/admin/audit').expect(status);
  });

  it('reads the audit trail, filtered and page by page, under the correlation id of each change', async () => {
    const admin = as(api.adminToken);
    const { body: user } = await admin
      .post('/users')
      .set('x-correlation-id', 'audit-test.1')
      .send({ email: 'audited@example.test', password: PASSWORD, role: 'viewer' })
      .expect(201);
    await admin.put(`/users/${user.user_id}`).send({ email: user.email, role: 'planner' }).expect(200);
    const filter = `entity=user&entity_id=${user.user_id}`;
    const first = await admin.get(`/admin/audit?${filter}&limit=1`).expect(200);
    expect(first.body.items).toMatchObject([
      { action: 'user.updated', before: { role: 'viewer' }, after: { role: 'planner' } },
    ]);
    const next = await admin.get(`/admin/audit?${filter}&limit=1&cursor=${first.body.next_cursor}`).expect(200);
    expect(next.body).toMatchObject({
      items: [{ action: 'user.created', before: null, correlation_id: 'audit-test.1', actor: ADMIN.email }],
      next_cursor: null,
    });
    await expect(api.database.client.query(`DELETE FROM audit_log`)).rejects.toThrow('append-only');
  });
});

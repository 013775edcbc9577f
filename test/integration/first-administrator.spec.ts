import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApi, TestApi } from '../support/test-app.ts';
import { ensureFirstAdministrator } from '../../src/auth/users/first-administrator.ts';
import { UsersService } from '../../src/auth/users/users.service.ts';
import { getDataSourceToken } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(async () => api.stop());

const ensure = (settings: { adminEmail: string | null; adminPassword: string | null }) =>
  ensureFirstAdministrator(api.app.get<DataSource>(getDataSourceToken()), api.app.get(UsersService), {
    ...api.config,
    auth: { ...api.config.auth, ...settings },
  });

describe('the first administrator', () => {
  it('is not made where there are users', async () => {
    expect(await ensure({ adminEmail: 'x@example.test', adminPassword: null })).toEqual({
      email: 'x@example.test',
      password: null,
      created: false,
    });
  });

  it('is made once by many at a time, with a random password that only the maker knows', async () => {
    await api.database.client.query(`DELETE FROM users`);
    const results = await Promise.all(
      Array.from({ length: 8 }, () => ensure({ adminEmail: null, adminPassword: null })),
    );
    const makers = results.filter(({ created }) => created);
    expect(makers).toHaveLength(1);
    expect(results.filter(({ password }) => password !== null)).toEqual(makers);
    expect(makers[0]).toMatchObject({ email: 'admin@shelfcast.local', password: expect.stringMatching(/^[\w-]{20}$/) });
    await api.signIn(makers[0].email, makers[0].password as string);
  });

  it('keeps a configured password to itself', async () => {
    await api.database.client.query(`DELETE FROM users`);
    const settings = { adminEmail: 'Boss@example.test', adminPassword: 'configured passphrase' };
    expect(await ensure(settings)).toEqual({ email: 'boss@example.test', password: null, created: true });
    await api.signIn('boss@example.test', 'configured passphrase');
  });
});

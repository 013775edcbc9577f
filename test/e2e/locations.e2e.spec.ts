import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi, TestApi } from '../support/test-app.ts';

let api: TestApi;
let planner: string;

beforeAll(async () => {
  api = await startApi();
  planner = await api.tokenOf('planner');
});
afterAll(async () => api.stop());

function call(method: 'get' | 'post' | 'put' | 'delete', path: string, token: string = planner) {
  return api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${token}`);
}

const FIELDS = {
  code: 'BLR-1',
  name: 'Indiranagar',
  pincode: '056003',
  city: 'Bengaluru',
  region: 'South',
  latitude: 12.97,
  longitude: 77.64,
  timezone: 'Asia/Kolkata',
};

describe('locations', () => {
  it('are added, read, replaced and closed', async () => {
    const created = await call('post', '/locations').send(FIELDS).expect(201);
    const { location_id } = created.body;
    expect(created.body).toEqual({ ...FIELDS, location_id });
    const path = `/locations/${location_id}`;
    expect(created.headers.location).toBe(`/api/v1${path}`);
    const read = await call('get', path).expect(200);
    expect(read.body).toEqual(created.body);
    await call('get', path).set('if-none-match', read.headers.etag).expect(304);
    const replaced = await call('put', path)
      .set('if-match', read.headers.etag)
      .send({ code: 'BLR-1', name: 'Indiranagar 2' })
      .expect(200);
    expect(replaced.body).toEqual({
      location_id,
      code: 'BLR-1',
      name: 'Indiranagar 2',
      pincode: null,
      city: null,
      region: null,
      latitude: null,
      longitude: null,
      timezone: 'Asia/Kolkata',
    });
    await call('put', path).set('if-match', read.headers.etag).send(FIELDS).expect(412);
    await call('post', '/locations').send(FIELDS).expect(409);
    await call('delete', path).expect(204);
    await call('get', path).expect(404);
    await call('post', '/locations').send(FIELDS).expect(201);
  });

  it.each([
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ timezone: '+05:30' }, 'timezone'],
    [{ pincode: 560038 }, 'pincode'],
    [{ latitude: 91 }, 'latitude'],
    [{ longitude: '77' }, 'longitude'],
    [{ code: '' }, 'code'],
    [{ location_id: 'x' }, 'location_id'],
  ])('refuse %j and name %s', async (fields, field) => {
    const { body } = await call('post', '/locations')
      .send({ ...FIELDS, ...fields })
      .expect(400);
    expect(body.errors[0].field).toBe(field);
  });

  it('are found by pincode, city and region', async () => {
    await call('post', '/locations')
      .send({ ...FIELDS, code: 'F-1', pincode: '100001', city: 'Delhi' })
      .expect(201);
    await call('post', '/locations')
      .send({ ...FIELDS, code: 'F-2', pincode: '100002', city: 'Delhi' })
      .expect(201);
    const codes = async (query: object) =>
      (await call('get', '/locations').query(query).expect(200)).body.items.map(({ code }: { code: string }) => code);
    expect(await codes({ pincode: '100002' })).toEqual(['F-2']);
    expect(await codes({ city: 'Delhi' })).toEqual(['F-1', 'F-2']);
    expect(await codes({ city: 'Delhi', region: 'North' })).toEqual([]);
    const { body } = await call('get', '/locations').query({ city: 'Delhi', limit: 1 }).expect(200);
    expect(await codes({ city: 'Delhi', limit: 1, cursor: body.next_cursor })).toEqual(['F-2']);
  });

  it('of others are not there for a caller limited to some', async () => {
    const make = async (code: string) =>
      (
        await call('post', '/locations')
          .send({ ...FIELDS, code })
          .expect(201)
      ).body.location_id as string;
    const [own, other] = [await make('S-1'), await make('S-2')];
    const limited = await api.tokenOf('planner', [own]);
    const { body } = await call('get', '/locations', limited).expect(200);
    expect(body.items.map(({ code }: { code: string }) => code)).toEqual(['S-1']);
    await call('get', `/locations/${own}`, limited).expect(200);
    await call('get', `/locations/${other}`, limited).expect(404);
    await call('put', `/locations/${other}`, limited)
      .send({ ...FIELDS, code: 'S-2' })
      .expect(404);
    await call('delete', `/locations/${other}`, limited).expect(404);
    await call('post', '/locations', limited)
      .send({ ...FIELDS, code: 'S-3' })
      .expect(403);
    await call('put', `/locations/${own}`, limited)
      .send({ ...FIELDS, code: 'S-1', name: 'Mine' })
      .expect(200);
    await call('get', `/locations/${other}`).expect(200);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseEvents, parseReplayArguments } from './arguments.ts';
import { replayEvent } from './replay-event.ts';
import { fillEvent, readSampleEvents, SampleEvent } from './sample-event.ts';

const EVENT: SampleEvent = {
  name: 'read',
  summary: 'Reads',
  role: 'viewer',
  method: 'GET',
  path: '/things/{id}?of={sku}',
  status: 200,
};

describe('the command line', () => {
  it('names events, a server and who signs in', () => {
    expect(parseReplayArguments(['b', 'a', '--url', 'http://host:1/', '--email', 'a@b.c'])).toEqual({
      names: ['b', 'a'],
      all: false,
      list: false,
      url: 'http://host:1',
      email: 'a@b.c',
    });
    expect(parseReplayArguments(['--help'])).toBe('help');
  });

  it.each([[['--url', 'host']], [['--unknown']]])('refuses %j', (args) => {
    expect(() => parseReplayArguments(args)).toThrow(/--url|--unknown/);
  });

  it('leaves events that add sales out unless they are asked for', () => {
    const events = [{ name: 'a' }, { name: 'b', changes_sales: true }];
    expect(chooseEvents(events, { names: [], all: false })).toEqual({ chosen: [events[0]], leftOut: 1 });
    expect(chooseEvents(events, { names: [], all: true })).toEqual({ chosen: events, leftOut: 0 });
    expect(chooseEvents(events, { names: ['b'], all: false })).toEqual({ chosen: [events[1]], leftOut: 0 });
    expect(() => chooseEvents(events, { names: ['a', 'c'], all: false })).toThrow('c: expected names among a, b');
  });
});

describe('a sample event', () => {
  it('has its placeholders filled in, escaped in the path', () => {
    const body = { ids: ['{id}', 3], at: { place: 'at {sku}', none: null } };
    expect(fillEvent({ ...EVENT, body }, { id: '7', sku: 'a/b&c' })).toEqual({
      ...EVENT,
      path: '/things/7?of=a%2Fb%26c',
      body: { ids: ['7', 3], at: { place: 'at a/b&c', none: null } },
    });
    expect(() => fillEvent(EVENT, { id: '7' })).toThrow('there is no {sku} in this system');
  });

  it.each<[string, string]>([
    ['{', 'JSON'],
    ['null', 'must be an object'],
    [JSON.stringify({ ...EVENT, name: 'write' }), 'name must be read'],
    [JSON.stringify({ ...EVENT, role: 'owner' }), 'role must be one of'],
    [JSON.stringify({ ...EVENT, method: 'LOOK' }), 'method must be one of'],
    [JSON.stringify({ ...EVENT, path: 'things' }), 'path must begin with /'],
    [JSON.stringify({ ...EVENT, body: 'text' }), 'body must be JSON'],
    [JSON.stringify({ ...EVENT, status: '200' }), 'status must be'],
  ])('is refused as %s, by file and reason', (content, reason) => {
    const folder = mkdtempSync(join(tmpdir(), 'shelfcast-events-'));
    try {
      writeFileSync(join(folder, 'read.json'), content);
      expect(() => readSampleEvents(folder)).toThrow(join(folder, 'read.json'));
      expect(() => readSampleEvents(folder)).toThrow(reason);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('replaying', () => {
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    // Answers with the status in the path, and what it was sent.
    server = createServer((request, response) => {
      const status = Number(request.url?.slice(1));
      const problem = { detail: 'Refused', errors: [{ field: 'a' }, { field: 'b' }] };
      response.writeHead(status).end(status === 502 ? '<html>' : JSON.stringify(problem));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  const replay = async (path: string, expected: Partial<SampleEvent>) => {
    const { status, fault } = await replayEvent({ origin, token: 't' }, { ...EVENT, path, ...expected });
    return [status, fault];
  };

  it('passes what answers as expected', async () => {
    expect(await replay('/200', {})).toEqual([200, null]);
    expect(await replay('/400', { status: 400, field: 'b' })).toEqual([400, null]);
  });

  it('tells what differs', async () => {
    expect(await replay('/404', {})).toEqual([404, 'expected 200; Refused']);
    expect(await replay('/502', {})).toEqual([502, 'expected 200']);
    expect(await replay('/400', { status: 400, field: 'c' })).toEqual([400, 'expected c to be named, not a, b']);
    const closed = await replayEvent({ origin: 'http://127.0.0.1:1', token: '' }, EVENT);
    expect(closed).toMatchObject({ status: null, fault: expect.stringMatching(/^no answer: /) });
  });
});

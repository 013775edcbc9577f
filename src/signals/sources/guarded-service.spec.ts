import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { CallRecord, Guard, GuardedService, readFromNetwork } from './guarded-service.ts';
import { readDaily } from './open-meteo.ts';

const GUARD: Guard = { timeoutMs: 10_000, maxBytes: 100_000, retries: 2, pauseMs: 1, mostFailures: 5, restMs: 60_000 };
const GOOD = JSON.stringify({
  daily: { time: ['2024-03-10', '2024-03-11'], temperature_2m_mean: [30.5, null], precipitation_sum: [0, 12.5] },
});
const never = new AbortController().signal;

let server: Server;
let origin: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests = 0;
let bytesSent = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests++;
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1?apikey=secret`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = 0;
  bytesSent = 0;
});

/** Writes a mebibyte again and again as fast as the other side takes it, up to ten gigabytes. */
function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(1024 * 1024, 32);
  const write = () => {
    while (bytesSent < 10e9 && !response.destroyed) {
      bytesSent += chunk.length;
      if (!response.write(chunk)) return void response.once('drain', write);
    }
  };
  write();
}

/** Twenty megabytes in twenty kilobytes, packed beforehand: packing takes as long as an answer may. */
const BOMB = gzipSync(Buffer.alloc(20_000_000));

interface Outcome {
  readonly service: GuardedService;
  readonly calls: CallRecord[];
  ask(): Promise<unknown>;
}

function guarded(guard: Partial<Guard> = {}, state?: unknown): Outcome {
  const calls: CallRecord[] = [];
  const all = { ...GUARD, ...guard };
  const note = (call: CallRecord) => Promise.resolve(void calls.push(call));
  const service = new GuardedService(all, readFromNetwork(all), note, state);
  const parse = (text: string) => readDaily(text, [7], '2024-03-11');
  return { service, calls, ask: () => service.asking(never)('weather.json', new URL(origin), parse) };
}

describe('a service signals come from', () => {
  it('is read into values that are known from the day after, or from the day of the fetch', async () => {
    answer = (_, response) => response.end(GOOD);
    const { ask, calls } = guarded();
    expect(await ask()).toEqual([
      { signal: 'temperature', location: 7, date: '2024-03-10', knownFrom: '2024-03-11', value: 30.5 },
      { signal: 'rainfall', location: 7, date: '2024-03-10', knownFrom: '2024-03-11', value: 0 },
      { signal: 'rainfall', location: 7, date: '2024-03-11', knownFrom: '2024-03-11', value: 12.5 },
    ]);
    expect(calls).toMatchObject([{ succeeded: true, attempts: 1, error: null }]);
  });

  it('is asked again while it fails in passing', async () => {
    answer = (_, response) => (requests < 3 ? response.writeHead(503).end() : response.end(GOOD));
    const { ask, calls } = guarded();
    expect(await ask()).toHaveLength(3);
    expect(calls).toMatchObject([{ succeeded: true, attempts: 3 }]);
  });

  it.each<[string, RegExp, typeof answer]>([
    ['a flood', /more than 100000 bytes/, (_, response) => flood(response.writeHead(200))],
    [
      'a length beyond the bounds',
      /more than 100000 bytes/,
      (_, response) => void response.writeHead(200, { 'content-length': 10e9 }).write('{'),
    ],
    [
      'a small body that unpacks to a large one',
      /more than 100000 bytes/,
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(BOMB),
    ],
    [
      'a redirect',
      /redirects elsewhere/,
      (_, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
    ],
    ['a refusal', /answered 403/, (_, response) => response.writeHead(403).end()],
    ['a page', /no JSON/, (_, response) => response.end('<html>')],
    ['another form', /no list of days/, (_, response) => response.end('{"daily":[1,2]}')],
    ['null', /no list of days/, (_, response) => response.end('null')],
    ['NaN', /no JSON/, (_, response) => response.end(GOOD.replace('30.5', 'NaN'))],
    ['a text for a number', /between -95 and 65/, (_, response) => response.end(GOOD.replace('30.5', '"30.5"'))],
    ['a number beyond reason', /between -95 and 65/, (_, response) => response.end(GOOD.replace('30.5', '1e308'))],
    ['a list too short', /does not go with/, (_, response) => response.end(GOOD.replace('30.5,', ''))],
    ['a day that does not exist', /no list of days/, (_, response) => response.end(GOOD.replace('03-10', '02-30'))],
  ])('is not believed when it answers %s', async (_, message, what) => {
    answer = what;
    const { ask, calls } = guarded();
    await expect(ask()).rejects.toMatchObject({
      code: 'SIGNAL_SOURCE_FAILED',
      message: expect.stringMatching(message),
    });
    expect(requests).toBe(1);
    // What lies in the buffers of both sides when the connection is closed.
    expect(bytesSent).toBeLessThan(100e6);
    expect(calls).toMatchObject([{ succeeded: false, attempts: 1 }]);
    expect(calls[0].error).not.toContain('secret');
  });

  it('is left when it drips, and when nobody is there', async () => {
    answer = (_, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    };
    await expect(guarded({ retries: 0, timeoutMs: 400 }).ask()).rejects.toThrow('did not end its answer within 400 ms');
    answer = (request) => request.socket.destroy();
    await expect(guarded({ retries: 0 }).ask()).rejects.toThrow('cannot be reached');
  });

  it('is left alone after failures, also by the next fetch, and tried again after a rest', async () => {
    answer = (_, response) => response.writeHead(500).end();
    const first = guarded();
    await expect(first.ask()).rejects.toThrow('answered 500');
    expect([requests, first.service.open]).toEqual([3, false]);
    await expect(first.ask()).rejects.toThrow();
    expect([requests, first.service.open]).toEqual([5, true]);

    answer = (_, response) => response.end(GOOD);
    const kept: unknown = JSON.parse(JSON.stringify(first.service.state));
    const second = guarded({}, kept);
    await expect(second.ask()).rejects.toThrow('left alone');
    expect([requests, second.service.open]).toEqual([5, true]);
    expect(second.calls).toMatchObject([{ succeeded: false, attempts: 0 }]);

    answer = (_, response) => response.writeHead(500).end();
    const stillAway = guarded({ restMs: 0, retries: 0 }, kept);
    await expect(stillAway.ask()).rejects.toThrow('answered 500');
    expect([requests, stillAway.service.open]).toEqual([6, true]);

    answer = (_, response) => response.end(GOOD);
    const rested = guarded({ restMs: 0 }, kept);
    expect(await rested.ask()).toHaveLength(3);
    expect(rested.service.open).toBe(false);
  });
});

import { beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseEnv } from 'node:util';
import { loadConfig } from '../../../src/platform/config/index.ts';

const OLD = 'a'.repeat(48);
const DAY_SECONDS = 86_400;

/** Writes down what it is called with and the settings of that moment; fails where it is told to. */
const STAND_IN = `#!/bin/sh
number=$(ls "$SEEN" | wc -l)
cp "$FILE" "$SEEN/$(printf %02d "$number")"
printf '%s\\n' "$*" >>"$CALLS"
[ "$number" != "\${FAIL_AT:-}" ]
`;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelfcast-rotate-'));
  file = join(folder, 'env');
  writeFileSync(join(folder, 'docker'), STAND_IN);
  chmodSync(join(folder, 'docker'), 0o755);
  const made = spawnSync('sh', ['docker/make-env.sh', file], { encoding: 'utf8' });
  expect(made.status).toBe(0);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^JWT_SECRET=.*$/m, `JWT_SECRET=${OLD}`));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = () => readFileSync(file, 'utf8');

/** Runs the script; answers the two secrets as the APIs were started with them, and what was called. */
function run(args: readonly string[], failAt = '') {
  const [seen, calls] = [join(folder, 'seen'), join(folder, 'calls')];
  for (const path of [seen, calls]) rmSync(path, { recursive: true, force: true });
  spawnSync('mkdir', [seen]);
  const [step, ...rest] = args;
  const { status, stdout, stderr } = spawnSync('infra/scripts/rotate-jwt.sh', [step, file, ...rest], {
    encoding: 'utf8',
    env: { PATH: `${folder}${delimiter}${process.env.PATH}`, SEEN: seen, CALLS: calls, FILE: file, FAIL_AT: failAt },
  });
  const starts = readdirSync(seen)
    .sort()
    .map((name) => {
      const { JWT_SECRET: current, JWT_SECRET_PREVIOUS: previous } = parseEnv(readFileSync(join(seen, name), 'utf8'));
      return [current, previous];
    });
  const called = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
  return { status, output: stdout + stderr, starts, called };
}

const rest = (settings: string) => settings.replace(/^(JWT_SECRET(_PREVIOUS)?=|# rotate-jwt.sh: ).*\n/gm, '');
const aged = () =>
  writeFileSync(
    file,
    text().replace(/(signs since )(\d+)/, (_, word, at) => `${word}${at - DAY_SECONDS}`),
  );

describe('changing the signing secret of the compose file', () => {
  it('lets all APIs accept the new secret before the first signs with it', () => {
    const before = text();
    const { status, starts, called, output } = run(['begin']);
    expect(status).toBe(0);
    const fresh = starts[0][1] as string;
    expect(fresh).toMatch(/^[0-9a-f]{48}$/);
    expect(starts).toEqual([
      [OLD, fresh],
      [OLD, fresh],
      [fresh, OLD],
      [fresh, OLD],
    ]);
    expect(called.map((call) => call.replace(file, 'FILE'))).toEqual(
      ['api-1', 'api-2', 'api-1', 'api-2'].map((api) => `compose --env-file FILE up --detach --no-deps --wait ${api}`),
    );
    for (const secret of [OLD, fresh]) expect(output).not.toContain(secret);
    expect(rest(text())).toBe(rest(before));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { auth } = loadConfig({ ...parseEnv(text()), DATABASE_URL: 'postgres://u@h/d', NODE_ENV: 'production' });
    expect(auth.jwtKey.export().toString()).toBe(fresh);
    expect(auth.previousJwtKey?.export().toString()).toBe(OLD);
  });

  it('drops the former secret after a day', () => {
    const before = text();
    run(['begin']);
    const fresh = parseEnv(text()).JWT_SECRET as string;
    const early = run(['finish']);
    expect(early).toMatchObject({ status: 1, called: [] });
    expect(early.output).toMatch(/For 8\d{4} more seconds/);
    aged();
    const { status, starts } = run(['finish']);
    expect(status).toBe(0);
    expect(starts).toEqual([
      [fresh, undefined],
      [fresh, undefined],
    ]);
    expect(text()).toBe(before.replace(OLD, fresh));
  });

  it('drops it at once where somebody says so', () => {
    run(['begin']);
    expect(run(['finish', 'now']).status).toBe(0);
    expect(parseEnv(text()).JWT_SECRET_PREVIOUS).toBeUndefined();
  });

  it.each([
    ['the first API', '0', [4, 0]],
    ['the second API', '1', [4, 0]],
    ['the first API that signs', '2', [2, 1]],
    ['the last API', '3', [2, 1]],
  ])('goes on where %s did not start', (_, failAt, [startsLeft, firstSigns]) => {
    const broken = run(['begin'], failAt);
    expect(broken.status).not.toBe(0);
    const fresh = broken.starts[0][1];
    if (firstSigns === 0) expect(run(['finish', 'now'])).toMatchObject({ status: 1, called: [] });
    const again = run(['begin']);
    expect(again.status).toBe(0);
    expect(again.starts).toHaveLength(startsLeft);
    expect(again.starts[0]).toEqual(firstSigns ? [fresh, OLD] : [OLD, fresh]);
    expect(again.starts.at(-1)).toEqual([fresh, OLD]);
  });

  it('is not begun anew while it is under way', () => {
    run(['begin']);
    const begun = text();
    expect(run(['begin']).status).toBe(0);
    expect(text()).toBe(begun);
  });

  it('leaves alone what somebody else put there, and says how it is used', () => {
    expect(run(['everything'])).toMatchObject({ status: 2, called: [] });
    const other = `${text()}JWT_SECRET_PREVIOUS=${'b'.repeat(48)}\n`;
    writeFileSync(file, other);
    const { status, output } = run(['begin']);
    expect(status).toBe(1);
    expect(output).toMatch(/^JWT_SECRET_PREVIOUS: /);
    expect(text()).toBe(other);
  });
});

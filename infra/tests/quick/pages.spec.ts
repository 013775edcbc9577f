import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMED = /^assets\/start-[0-9a-f]{16}\.(css|js)$/;
let folder: string;

/** Lays a folder out, and answers its files by name. */
function layOut(from: string): Map<string, string> {
  const to = mkdtempSync(join(folder, 'out-'));
  const { status } = spawnSync('node', ['infra/scripts/pages.mjs', from, to], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(status).toBe(0);
  const files = readdirSync(to, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(to.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

describe('pages as the distribution has them', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'shelfcast-pages-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keep their names and point to parts that are named by content', () => {
    const files = layOut('web');
    const parts = [...files.keys()].filter((name) => name.startsWith('assets/'));
    const page = files.get('index.html') ?? '';
    expect(parts.filter((name) => NAMED.test(name)).length).toBe(2);
    for (const part of parts) expect(page).toContain(`="/${part}"`);
    // What else it names are addresses of the API, which have no file ending.
    const named = [...page.matchAll(/(?:src|href)="\/([^"]+\.(?:css|js|svg|png|html))"/g)].map(([, name]) => name);
    expect(named.filter((name) => !files.has(name))).toEqual([]);
  });

  it('get another name for a part when it changes, and for that part alone', () => {
    const changed = join(folder, 'changed');
    cpSync('web', changed, { recursive: true });
    writeFileSync(join(changed, 'start.css'), 'body { color: red }');
    const [before, after] = [layOut('web'), layOut(changed)];
    const others = [...after.keys()].filter((name) => !before.has(name));
    expect(others).toEqual([expect.stringMatching(/^assets\/start-[0-9a-f]{16}\.css$/)]);
  });

  it('leave alone what a build has named itself, and what no page names', () => {
    const built = join(folder, 'built');
    mkdirSync(join(built, 'assets'), { recursive: true });
    writeFileSync(join(built, 'index.html'), '<script src="/assets/app-1234.js"></script>');
    writeFileSync(join(built, 'assets', 'app-1234.js'), 'go()');
    writeFileSync(join(built, 'robots.txt'), 'User-agent: *');
    expect([...layOut(built).keys()].sort()).toEqual(['assets/app-1234.js', 'index.html', 'robots.txt']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const cli = join('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

function cruise(...folders: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, ...folders, '--config', '.dependency-cruiser.cjs'],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  return { status, output: stdout + stderr };
}

describe('dependency rules', () => {
  it('hold in the whole project', () => {
    const { status, output } = cruise('src', 'migrations');
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  });

  it('catch an engine file that does I/O', () => {
    mkdirSync('src/engine', { recursive: true });
    const folder = mkdtempSync('src/engine/probe-');
    try {
      writeFileSync(
        join(folder, 'leak.ts'),
        `import { readFileSync } from 'node:fs';\nexport const leak = readFileSync;\n`,
      );
      const { status, output } = cruise(folder);
      expect(status).not.toBe(0);
      expect(output).toContain('engine-is-pure');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

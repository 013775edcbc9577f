import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

function run(script: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('node_modules', script), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, output: status === 0 ? '' : stdout + stderr };
}

describe('style', () => {
  it('passes the linter', () => {
    expect(run('eslint/bin/eslint.js', '.')).toEqual({ status: 0, output: '' });
  });
  it('is formatted', () => {
    expect(run('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')).toEqual({ status: 0, output: '' });
  });
  it('passes the type checker', () => {
    expect(run('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json')).toEqual({ status: 0, output: '' });
  });
});

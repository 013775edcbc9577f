import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';

describe('compiled kernels', () => {
  it('are what their sources give', () => {
    const { status, stderr } = spawnSync(process.execPath, ['src/engine/gbdt/assembly/build.mjs', '--check'], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }, 60_000);
});

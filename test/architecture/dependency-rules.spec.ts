import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const cli = resolve('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const config = resolve('.dependency-cruiser.cjs');

function cruise(root: string, ...folders: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...folders, '--config', config], {
    encoding: 'utf8',
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, output: stdout + stderr };
}

describe('dependency rules', () => {
  it('hold in the whole project', () => {
    const { status, output } = cruise('.', 'src', 'migrations');
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  });

  it.each([
    [
      'engine-is-pure',
      'src/engine/leak.ts',
      `import { readFileSync } from 'node:fs';\nexport const leak = readFileSync;\n`,
    ],
    ['platform-knows-no-feature', 'src/platform/leak.ts', `export { target } from '../sales/target.ts';\n`],
    ['products-looks-down-only', 'src/products/leak.ts', `export { target } from '../sales/target.ts';\n`],
    [
      'tracing-is-loaded-when-asked-for',
      'src/platform/leak.ts',
      `export { target } from './tracing/opentelemetry/target.ts';\n`,
    ],
    ['sales-keeps-its-entities', 'src/forecasts/leak.ts', `export { entity } from '../sales/upload.entity.ts';\n`],
  ])('catch a breach of %s', (rule, path, text) => {
    const root = mkdtempSync(join(tmpdir(), 'shelfcast-rules-'));
    try {
      for (const folder of ['engine', 'platform/tracing/opentelemetry', 'products', 'sales', 'forecasts'])
        mkdirSync(join(root, 'src', folder), { recursive: true });
      copyFileSync('tsconfig.json', join(root, 'tsconfig.json'));
      writeFileSync(join(root, 'src/sales/target.ts'), 'export const target = 1;\n');
      writeFileSync(join(root, 'src/platform/tracing/opentelemetry/target.ts'), 'export const target = 1;\n');
      writeFileSync(join(root, 'src/sales/upload.entity.ts'), 'export const entity = 1;\n');
      writeFileSync(join(root, path), text);
      const { status, output } = cruise(root, 'src');
      expect(status).not.toBe(0);
      expect(output).toContain(rule);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

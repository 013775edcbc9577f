/**
 * Compiles the AssemblyScript kernels and writes each as base64 text into `../kernel/<name>-binary.ts`, so that the
 * library loads them without I/O wherever it runs. With `--check` nothing is written: the exit code tells whether the
 * committed binaries are what the sources give.
 *
 * Run by `npm run build:kernel`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = dirname(fileURLToPath(import.meta.url));

/** Pages of 64 KiB; 65,536 of them are all that a 32-bit memory can have. */
const SHARED_PAGES = 65536;

/** The kernels: every one is `<name>.ts` in this folder and gets its memory from the caller. */
const KERNELS = [
  { name: 'predict', flags: [] },
  { name: 'train', flags: ['--enable', 'threads', '--sharedMemory', '--maximumMemory', String(SHARED_PAGES)] },
];

/** Compiles one kernel; the hash covers every source that went into it. */
async function compile({ name, flags }) {
  const hash = createHash('sha256');
  let binary = null;
  const { error, stderr } = await asc.main(
    [
      `${name}.ts`,
      '--outFile',
      `${name}.wasm`,
      '--runtime',
      'stub',
      '--importMemory',
      '--noExportMemory',
      '--noAssert',
      '--enable',
      'simd',
      '--use',
      'abort=',
      '-O3',
      ...flags,
    ],
    {
      readFile(file, base) {
        const path = join(base, file);
        if (path.includes('node_modules') || !existsSync(join(folder, file))) return null;
        const text = readFileSync(join(folder, file), 'utf8');
        hash.update(file).update(text);
        return text;
      },
      writeFile(file, contents) {
        if (file.endsWith('.wasm')) binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || binary === null) throw new Error(`${name}: ${error?.message ?? 'no binary'}\n${stderr.toString()}`);
  return { binary: Buffer.from(binary), source: hash.digest('hex') };
}

function asModule(name, { binary, source }) {
  return `/**
 * The kernel of \`../assembly/${name}.ts\`, compiled by \`npm run build:kernel\`: change the source, not this file.
 */
export const ${name}Binary = {
  /** SHA-256 of the sources. */
  source: '${source}',
  /** The WebAssembly module in base64. */
  base64: '${binary.toString('base64')}',
};
`;
}

const check = process.argv.includes('--check');
const stale = [];
for (const kernel of KERNELS) {
  const file = join(folder, '..', 'kernel', `${kernel.name}-binary.ts`);
  const text = asModule(kernel.name, await compile(kernel));
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (check) stale.push(kernel.name);
  else writeFileSync(file, text);
}
if (stale.length > 0) {
  console.error(`Run \`npm run build:kernel\`: ${stale.join(', ')} differ from their sources`);
  process.exitCode = 1;
}

// Runs the whole test suite and closes with one line that sums it up: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'shelfcast-results-'));
/** Parts of the suite, one process each after the other: jest keeps what it has loaded, and a process that ran it all slows down. */
const PARTS = 4;

/** Runs one part; a part that ends without results counts as a failure. */
function runPart(part) {
  const output = join(folder, `results-${part}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      '--json',
      `--outputFile=${output}`,
      '--silent=false',
      `--shard=${part}/${PARTS}`,
      '--passWithNoTests',
      ...process.argv.slice(2),
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  try {
    const results = JSON.parse(readFileSync(output, 'utf8'));
    // A file that could not even be loaded counts as a failure of its own.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return { passed: results.numPassedTests, failed, ended: status === 0 };
  } catch {
    console.error('The test runner ended without results');
    return { passed: 0, failed: 1, ended: false };
  }
}

const parts = Array.from({ length: PARTS }, (_, i) => runPart(i + 1));
rmSync(folder, { recursive: true, force: true });
const passed = parts.reduce((sum, part) => sum + part.passed, 0);
const failed = parts.reduce((sum, part) => sum + part.failed, 0);
const code = parts.every(({ ended }) => ended) && failed === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(code);

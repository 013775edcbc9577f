// Runs the whole test suite and closes with one line that sums it up: `N passed, N failed`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'shelfcast-results-'));
/** Parts of the suite, a process each: jest keeps what it has loaded, and a process that ran it all slows down. */
const PARTS = 6;
/** Parts that run at the same time: one more than the cores of a small machine, since much of the suite waits. */
const LANES = 3;

/** Longest a part may take to end once its results are there: something left open must not hold up the others for ever. */
const END_MS = 60_000;

/** Ends a part that does not end by itself, and says so: its results are complete. */
function endAfterResults(child, output) {
  let since = null;
  const timer = setInterval(() => {
    if (since === null && existsSync(output)) since = Date.now();
    if (since === null || Date.now() - since < END_MS) return;
    console.error(`The part of ${output} did not end by itself`);
    child.kill('SIGKILL');
  }, 1000);
  child.once('exit', () => clearInterval(timer));
}

/** Runs one part; a part that ends without results counts as a failure. */
async function runPart(part) {
  const output = join(folder, `results-${part}.json`);
  const child = spawn(
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
  endAfterResults(child, output);
  await once(child, 'exit');
  try {
    const results = JSON.parse(readFileSync(output, 'utf8'));
    // A file that could not even be loaded counts as a failure of its own.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return { passed: results.numPassedTests, failed, ended: results.success };
  } catch {
    console.error('The test runner ended without results');
    return { passed: 0, failed: 1, ended: false };
  }
}

const waiting = Array.from({ length: PARTS }, (_, i) => i + 1);
const parts = [];
async function runLane() {
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) parts.push(await runPart(part));
}
await Promise.all(Array.from({ length: LANES }, runLane));
rmSync(folder, { recursive: true, force: true });
const passed = parts.reduce((sum, part) => sum + part.passed, 0);
const failed = parts.reduce((sum, part) => sum + part.failed, 0);
const code = parts.every(({ ended }) => ended) && failed === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(code);

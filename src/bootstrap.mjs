// What `npm start` and `npm test` run on a fresh clone: plain JavaScript without imports from packages, since none may be
// installed yet. Installs the locked dependencies if they are missing or stale, builds if the sources changed, goes on.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const MINIMUM_NODE = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  console.error(`Shelfcast needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (status !== 0) process.exit(status ?? (signal ? 130 : 1));
}

function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.shelfcast-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing dependencies …');
  // Not `npm ci`: it refuses where a registry does not carry the optional binaries of other platforms. The locked versions
  // are taken all the same, and the lock file stays as it is.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: process.platform === 'win32',
  });
  writeFileSync(stamp, wanted);
}

/** Fingerprint of everything the build reads, by size and time of change: reading the content would cost more. */
function sourceFingerprint() {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stats = statSync(path);
    if (stats.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${path}:${stats.size}:${stats.mtimeMs}\n`);
  };
  for (const name of [
    'src',
    'migrations',
    'bench',
    'package-lock.json',
    'nest-cli.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    visit(join(root, name));
  }
  return hash.digest('hex');
}

function ensureBuilt() {
  const stamp = join(root, 'dist', '.sources');
  const wanted = sourceFingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Building …');
  // Files whose source is gone would stay and still be found: migrations are.
  for (const folder of ['src', 'migrations', 'bench'])
    rmSync(join(root, 'dist', folder), { recursive: true, force: true });
  rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
  run(process.execPath, [join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build']);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}

requireNode();
ensureInstalled();
ensureBuilt();
const [task, ...args] = process.argv.slice(2);
if (task === 'start') {
  const { startLocally } = await import('../dist/src/local.js');
  await startLocally(args);
} else if (task === 'run') {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
} else {
  console.error(`Unknown task: ${task}`);
  process.exit(1);
}

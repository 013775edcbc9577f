import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { DataSource } from 'typeorm';
import { acceptAuditTrail, parseAnchor, verifyAuditTrail } from './auth/audit/index.ts';
import type { Anchor } from './auth/audit/index.ts';
import { ConfigError, loadConfig } from './platform/config/index.ts';
import { dataSourceOptions } from './platform/database/index.ts';
import { JsonLogger } from './platform/logging/logger.ts';
import { connectStore } from './platform/objectstore/index.ts';

const USAGE = `audit.js verify [--anchor POSITION:HASH]… [--from POSITION:HASH]
    computes the chain of the audit trail again; it must hold each anchor, which earlier verifications logged, and the one
    noted in the object store; --from looks only at what came after that link
audit.js accept
    verifies the chain by itself and notes its last link in the object store: after the database was brought back in time
Ends with 0 if the trail holds, 1 if not or on an error, 2 on arguments that are none.`;

interface Task {
  readonly action: 'verify' | 'accept';
  readonly anchors: readonly Anchor[];
  readonly from: Anchor | undefined;
}

/** What the arguments ask for; null if they ask for nothing there is. */
function taskOf(args: readonly string[]): Task | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { anchor: { type: 'string', multiple: true }, from: { type: 'string' } },
    });
    const [action, ...rest] = positionals;
    const anchors = (values.anchor ?? []).map(parseAnchor);
    const from = values.from === undefined ? undefined : parseAnchor(values.from);
    const known = action === 'verify' || (action === 'accept' && !anchors.length && from === undefined);
    if (!known || rest.length || from === null || anchors.some((anchor) => anchor === null)) return null;
    return { action, anchors: anchors as Anchor[], from };
  } catch {
    return null;
  }
}

/** Answers whether the trail holds. */
async function run({ action, anchors, from }: Task): Promise<boolean> {
  const config = loadConfig();
  const logger = new JsonLogger(config.logLevel, 'audit');
  const store = await connectStore(config);
  const source = await new DataSource(dataSourceOptions(config, 'shelfcast-audit')).initialize();
  try {
    const found =
      action === 'accept'
        ? await acceptAuditTrail(source, store)
        : await verifyAuditTrail(source, store, { anchors, from });
    if (found.intact) logger.log({ message: `audit trail ${action === 'accept' ? 'accepted' : 'verified'}`, ...found });
    else logger.error({ message: 'audit trail does not hold', ...found });
    return found.intact;
  } finally {
    await source.destroy();
  }
}

const task = taskOf(process.argv.slice(2));
if (!task) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
try {
  if (!(await run(task))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

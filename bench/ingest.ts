import { measureStream } from './ingest/stream.ts';
import { report } from './report.ts';
import { startSystem } from './running-system.ts';

/** What comes in, on a running system. */
const system = await startSystem();
try {
  const { figures, notes } = await measureStream(system);
  report('ingest', figures, notes);
} finally {
  await system.stop();
}

import { InputError, UsageError } from '../files/input-error.ts';
import { ConfigError, localSettings } from '../platform/config/index.ts';
import { ApiError } from './api-client.ts';
import { chooseEvents, parseReplayArguments, ReplayArguments, USAGE } from './replay/arguments.ts';
import { eventValues } from './replay/event-values.ts';
import { Replayed, replayEvent } from './replay/replay-event.ts';
import { fillEvent, readSampleEvents, SampleEvent } from './replay/sample-event.ts';
import { signIn } from './sign-in.ts';

/** Below the folder of the project, where `npm run` starts. */
const EVENTS_FOLDER = 'src/sample/events';

/** Answers how many failed. */
async function replay(request: ReplayArguments): Promise<number> {
  const events = readSampleEvents(EVENTS_FOLDER);
  const width = Math.max(...events.map(({ name }) => name.length));
  if (request.list) {
    for (const { name, method, path, summary } of events)
      console.log(`${name.padEnd(width)}  ${method} ${path}\n${' '.repeat(width)}  ${summary}`);
    return 0;
  }
  const { chosen, leftOut } = chooseEvents(events, request);
  const api = await signIn(localSettings(), request.url, request.email);
  const values = await eventValues(api, new Date());
  let failed = 0;
  for (const event of chosen) {
    const result = await attempt(() => replayEvent(api, fillEvent(event, values)));
    if (result.fault !== null) failed++;
    console.log(lineOf(event, result, width));
  }
  const rest = leftOut ? `; ${leftOut} left out, since it adds sales (--all, or its name)` : '';
  console.log(`${chosen.length - failed} passed, ${failed} failed${rest}`);
  return failed;
}

/** An event about what there is nothing of, such as a product in an empty catalogue, fails alone. */
async function attempt(send: () => Promise<Replayed>): Promise<Replayed> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { status: null, milliseconds: 0, fault: error.message };
  }
}

function lineOf({ name, method }: SampleEvent, { status, milliseconds, fault }: Replayed, width: number): string {
  const time = `${milliseconds.toFixed(0)} ms`.padStart(8);
  const outcome = fault === null ? 'ok  ' : 'FAIL';
  const answer = `${outcome}  ${name.padEnd(width)}  ${method.padEnd(6)}  ${status ?? '---'}  ${time}`;
  return fault === null ? answer : `${answer}  ${fault}`;
}

try {
  const request = parseReplayArguments(process.argv.slice(2));
  if (request === 'help') console.log(USAGE);
  else if (await replay(request)) process.exitCode = 1;
} catch (error) {
  const { message, stack } = error as Error;
  const isTold = [UsageError, InputError, ConfigError, ApiError].some((kind) => error instanceof kind);
  console.error(isTold ? message : (stack ?? message));
  if (error instanceof UsageError) console.error('npm run replay -- --help lists the options.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

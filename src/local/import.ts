import { InputError, UsageError } from '../files/input-error.ts';
import { ConfigError, localSettings } from '../platform/config/index.ts';
import { ApiError } from './api-client.ts';
import { parseImportArguments, USAGE } from './import/arguments.ts';
import { importLayout } from './import/import-layout.ts';
import { signIn } from './sign-in.ts';

const CANCELLED = 130;
const BAD_INPUT = 2;

/** Exit code of an error, after saying what is wrong. */
function explain(error: unknown, cancelled: boolean): number {
  if (cancelled) {
    console.error(
      '\nCancelled; loads that had not ended were cancelled too. The same command again goes on from there.',
    );
    return CANCELLED;
  }
  const { message, stack } = error as Error;
  if (error instanceof UsageError) console.error(`\n${message}\nnpm run import -- --help lists the options.`);
  else if (error instanceof InputError) console.error(`\n${message}`);
  else {
    console.error(`\n${error instanceof ApiError || error instanceof ConfigError ? message : (stack ?? message)}`);
    return 1;
  }
  return BAD_INPUT;
}

const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    // A second time: whoever asks twice will not wait for the loads to be cancelled.
    if (abort.signal.aborted) process.exit(CANCELLED);
    abort.abort();
  });
try {
  const settings = localSettings();
  const request = parseImportArguments(process.argv.slice(2), settings.callerDir);
  if (request === 'help') console.log(USAGE);
  else {
    const isLoaded = await importLayout(request, () => signIn(settings, request.url, request.email), abort.signal);
    process.exitCode = isLoaded ? 0 : 1;
  }
} catch (error) {
  process.exitCode = explain(error, abort.signal.aborted);
}

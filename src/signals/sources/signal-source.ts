/** What signals are fetched from the services of others; the name is also what `degraded` says when one is missing. */
export const SOURCE_NAMES = ['weather', 'macro', 'market'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** One value of a signal on one day, as it was known from a day on. Days are ISO dates. */
export interface SignalValue {
  /** What was measured, such as `temperature`. */
  readonly signal: string;
  /** Key of the location; 0 = it holds everywhere. */
  readonly location: number;
  /** The day it speaks of; for a month or a quarter its first. */
  readonly date: string;
  /** First day on which it was known. */
  readonly knownFrom: string;
  readonly value: number;
}

/** Where weather is wanted. */
export interface Place {
  /** Key of the location. */
  readonly location: number;
  readonly latitude: number;
  readonly longitude: number;
  /** IANA name. */
  readonly timezone: string;
}

/** What to fetch. Days are ISO dates. */
export interface FetchWish {
  /** The day of the fetch. */
  readonly today: string;
  /** First day of which values are wanted. */
  readonly from: string;
  /** Last day of observed values that is stored already, by location (0 = everywhere); absent = none. */
  readonly storedUntil: ReadonlyMap<number, string>;
  readonly places: readonly Place[];
}

/**
 * Asks a service for a document. Retries, bounds and the circuit breaker stand behind it, and so does the replay of recorded
 * answers.
 * @param name names the recorded answer, such as `weather-forecast.json`
 * @param parse reads the text and throws {@link MalformedAnswerError} where it is not what was agreed
 * @throws SourceFailedError when the service is given up
 */
export type Ask = <T>(name: string, url: URL, parse: (text: string) => T) => Promise<T>;

/** A service signals come from, behind one interface: what it is and how its answers become values. */
export interface SignalSource {
  readonly name: SourceName;
  /** Who offers it, such as `open-meteo`. */
  readonly provider: string;
  /** Hands over values as they come, so that what was fetched before a failure is kept. */
  fetch(wish: FetchWish, ask: Ask): AsyncGenerator<readonly SignalValue[]>;
}

/** A service answered something else than was agreed; asking again would not help. */
export class MalformedAnswerError extends Error {
  readonly code = 'SIGNAL_MALFORMED';
}

/** A service did not answer, answered too much or not what was agreed, or is being left alone. */
export class SourceFailedError extends Error {
  readonly code = 'SIGNAL_SOURCE_FAILED';
}

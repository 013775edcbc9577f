import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../files/input-error.ts';

const ROLES = ['anybody', 'viewer', 'planner', 'admin'] as const;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const PLACEHOLDER = /\{(\w+)\}/g;

/** A request with what is to come of it, as a file of `src/sample/events` holds it. */
export interface SampleEvent {
  /** That of the file. */
  readonly name: string;
  readonly summary: string;
  /** The least role that may send it. */
  readonly role: (typeof ROLES)[number];
  readonly method: (typeof METHODS)[number];
  /** With `{placeholders}`, as the texts in the body. */
  readonly path: string;
  readonly body?: object;
  /** Status that is expected. */
  readonly status: number;
  /** Field that a refusal must name. */
  readonly field?: string;
  /** Whether it adds to the sales, and so moves the day that forecasts start from. */
  readonly changes_sales?: boolean;
}

/** What placeholders stand for, by their names. */
export type EventValues = Readonly<Record<string, string>>;

/** The sample events of a folder, by their names. @throws InputError naming the file and the field */
export function readSampleEvents(folder: string): SampleEvent[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const refuse = (reason: string) => new InputError(`${join(folder, file)}: ${reason}`);
    let parsed: unknown;
    try {
      parsed = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    } catch (error) {
      throw refuse((error as Error).message);
    }
    const event = parsed as SampleEvent;
    const fault = faultOf(event, file.slice(0, -'.json'.length));
    if (fault) throw refuse(fault);
    return event;
  });
}

/** What is wrong with an event; null if nothing is. */
function faultOf(event: SampleEvent, name: string): string | null {
  if (typeof event !== 'object' || event === null) return 'must be an object';
  if (event.name !== name) return `name must be ${name}`;
  if (!ROLES.includes(event.role)) return `role must be one of ${ROLES.join(', ')}`;
  if (!METHODS.includes(event.method)) return `method must be one of ${METHODS.join(', ')}`;
  if (typeof event.path !== 'string' || !event.path.startsWith('/')) return 'path must begin with /';
  if (event.body !== undefined && (typeof event.body !== 'object' || event.body === null)) return 'body must be JSON';
  if (!(Number.isInteger(event.status) && event.status >= 200 && event.status < 600))
    return 'status must be one of HTTP, from 200';
  return null;
}

/**
 * An event with its placeholders filled in.
 * @throws InputError for a placeholder that nothing is known for, which is how one in an empty catalogue looks
 */
export function fillEvent(event: SampleEvent, values: EventValues): SampleEvent {
  const valueOf = (name: string): string => {
    const value = values[name];
    if (value === undefined) throw new InputError(`there is no {${name}} in this system`);
    return value;
  };
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(PLACEHOLDER, (_, name: string) => valueOf(name));
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, fill(field)]));
  };
  const path = event.path.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(valueOf(name)));
  return { ...event, path, ...(event.body && { body: fill(event.body) as object }) };
}

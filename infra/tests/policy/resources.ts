import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** One resource as the configuration describes it: what it sets, and what its settings refer to. */
export interface Resource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** `aws`, `aws.replica` or `aws.edge`. */
  readonly provider: string;
  readonly values: { [key: string]: Json };
  readonly refs: { [key: string]: string[] };
}

export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** An environment's resources, and which it is. */
export interface Plan {
  readonly environment: EnvironmentName;
  readonly resources: readonly Resource[];
}

/** The recorded digest of an environment and the hash of the sources it was made of. */
export function recorded(environment: EnvironmentName): { readonly plan: Plan; readonly sources: string } {
  const file = join('infra', 'tests', 'policy', 'fixtures', `${environment}.jsonl`);
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return {
    plan: { environment, resources: lines.map((line) => JSON.parse(line) as Resource) },
    sources: (JSON.parse(head) as { sources: string }).sources,
  };
}

/** Value below a path of keys and indexes; undefined where there is none. */
export function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (found, key) =>
      found !== null && typeof found === 'object' ? (found as { [key: string]: Json })[String(key)] : undefined,
    value,
  );
}

/** The value as a list: itself, or alone in one, or none. */
export const list = (value: Json | undefined): Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

export const texts = (value: Json | undefined): string[] => list(value).map(String);

export const ofType = (plan: Plan, ...types: string[]): Resource[] =>
  plan.resources.filter(({ type }) => types.includes(type));

/** Whether an attribute refers to a resource, by its address inside its module. */
export const refersTo = (resource: Resource, attribute: string, target: string): boolean =>
  (resource.refs[attribute] ?? []).some((reference) => reference === target || reference.startsWith(`${target}.`));

/** Statements of a policy that is written as JSON. */
export const statements = (policy: Json | undefined): Json[] =>
  typeof policy === 'string' ? list(at(JSON.parse(policy) as Json, 'Statement')) : [];

/** Containers of a task definition. */
export const containers = (task: Resource): Json[] => JSON.parse(String(task.values.container_definitions)) as Json[];

export const addresses = (resources: readonly Resource[]): string[] => resources.map(({ address }) => address);

/** The addresses that fail a test. */
export const failing = (resources: readonly Resource[], passes: (resource: Resource) => boolean): string[] =>
  addresses(resources.filter((resource) => !passes(resource)));

/** A finding, unless the condition holds. */
export const unless = (condition: boolean, finding: string): string[] => (condition ? [] : [finding]);

import { Json, Plan, Resource } from '../resources.ts';

/** What every plan must keep. */
export interface Rule {
  readonly name: string;
  /** Addresses or sentences of what breaks it; none = kept. */
  readonly findings: (plan: Plan) => string[];
  /** Breaks a plan of production that keeps it, so that a rule which sees nothing is found out. */
  readonly breach: (resources: Resource[]) => Resource[];
}

/** Sets an attribute of every resource whose address matches. */
export const setting =
  (address: RegExp, key: string, value: Json) =>
  (resources: Resource[]): Resource[] =>
    resources.map((one) => (address.test(one.address) ? { ...one, values: { ...one.values, [key]: value } } : one));

/** Leaves out every resource whose address matches. */
export const without =
  (address: RegExp) =>
  (resources: Resource[]): Resource[] =>
    resources.filter((one) => !address.test(one.address));

/** Changes an attribute that holds JSON as text. */
export const rewriting =
  (address: RegExp, key: string, search: string | RegExp, replacement: string) =>
  (resources: Resource[]): Resource[] =>
    resources.map((one) =>
      address.test(one.address)
        ? { ...one, values: { ...one.values, [key]: String(one.values[key]).replace(search, replacement) } }
        : one,
    );

import { ACCESS_RULES } from './access.ts';
import { COMPUTE_RULES } from './compute.ts';
import { NETWORK_RULES } from './network.ts';
import { Rule } from './rule.ts';
import { STORAGE_RULES } from './storage.ts';
import { WATCHING_RULES } from './watching.ts';

/** Everything a plan must keep. */
export const RULES: readonly Rule[] = [
  ...NETWORK_RULES,
  ...STORAGE_RULES,
  ...ACCESS_RULES,
  ...COMPUTE_RULES,
  ...WATCHING_RULES,
];

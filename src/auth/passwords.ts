import { hash, parseOptions, verify } from '@node-rs/argon2';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** Cost of argon2id: OWASP's first choice, 19 MiB, two passes, one lane. The library's default variant is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 128;

/** Hash that no password matches, for users that do not exist: their refusal takes no less time than other refusals. */
let absentUserHash: Promise<string> | undefined;

/** Same characters, same bytes, whatever keyboard composed them (NIST SP 800-63B, 5.1.1.2). */
function normalise(password: string): string {
  return password.normalize('NFKC');
}

/** argon2id hash in PHC format. */
export async function hashPassword(password: string): Promise<string> {
  return hash(normalise(password), COST);
}

/** Whether the password is the one behind `passwordHash`; with null it works as long and answers false. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  absentUserHash ??= hashPassword('no user has this one');
  const matches = await verify(passwordHash ?? (await absentUserHash), normalise(password));
  return passwordHash !== null && matches;
}

/** Whether a hash was made at another cost than today's, so that it should be made anew. */
export function needsRehash(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  return memoryCost !== COST.memoryCost || timeCost !== COST.timeCost || parallelism !== COST.parallelism;
}

/**
 * Why a new password is refused, or null. Length and guessability count; rules about kinds of characters do not (ASVS 5.0,
 * 6.2.5).
 */
export function passwordProblem(password: string, email: string): string | null {
  const length = [...password].length;
  if (length < PASSWORD_MIN_LENGTH || length > PASSWORD_MAX_LENGTH) {
    return `must have ${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters`;
  }
  const lower = password.toLowerCase();
  if (COMMON_PASSWORDS.has(lower)) return 'is one of the most common passwords';
  if (lower === email.toLowerCase()) return 'must not be the email address';
  return null;
}

import { Inject, Injectable } from '@nestjs/common';
import { createHmac, KeyObject, timingSafeEqual } from 'node:crypto';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';

/** What a key's id is made of; with its spaces it is nothing that a token could be. */
const ID_LABEL = 'id of a signing key';
const ID_LENGTH = 8;

/** Name of a key in the `kid` of tokens: tells which of two keys signed, and nothing about either. */
export function keyId(key: KeyObject): string {
  return createHmac('sha256', key).update(ID_LABEL).digest('hex').slice(0, ID_LENGTH);
}

function isSignedWith(key: KeyObject, token: string): boolean {
  const end = token.lastIndexOf('.');
  const expected = createHmac('sha256', key).update(token.slice(0, end)).digest();
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

/** The `kid` of a token that nobody has verified; undefined = it has none. @throws SyntaxError if it is no token */
function claimedKeyId(token: string): unknown {
  const header = JSON.parse(Buffer.from(token.split('.', 1)[0], 'base64url').toString()) as { kid?: unknown } | null;
  return header?.kid;
}

/** The key that signs access tokens, and the one before it, whose tokens stay good while it is configured. */
@Injectable()
export class TokenKeys {
  /** `kid` of the key that signs. */
  readonly currentId: string;
  private readonly keys: readonly { readonly id: string; readonly key: KeyObject }[];

  constructor(@Inject(APP_CONFIG) { auth }: AppConfig) {
    const accepted = auth.previousJwtKey ? [auth.jwtKey, auth.previousJwtKey] : [auth.jwtKey];
    this.keys = accepted.map((key) => ({ id: keyId(key), key }));
    this.currentId = this.keys[0].id;
  }

  /**
   * The key that a token has to be verified with, or null if it is none of ours. It only chooses: signature, algorithm and
   * times are for the verification.
   */
  keyOf(token: string): KeyObject | null {
    let id: unknown;
    try {
      id = claimedKeyId(token);
    } catch {
      return null;
    }
    const candidates = id === undefined ? this.keys : this.keys.filter((one) => one.id === id);
    if (candidates.length < 2) return candidates[0]?.key ?? null;
    // Without a name, or should two keys have the same, the signature tells.
    return candidates.find(({ key }) => isSignedWith(key, token))?.key ?? null;
  }
}

import { Injectable } from '@nestjs/common';
import type { SignedIn } from './jwt.strategy.ts';

const MAX_ENTRIES = 10_000;

/**
 * Access tokens whose signature this process has verified, so that a client that asks often is not verified anew each
 * time. Only the signature is remembered: the end of the token is looked at here, its session by whoever asks.
 */
@Injectable()
export class VerifiedTokens {
  private readonly entries = new Map<string, SignedIn>();

  /** What a token says, if it was verified before and has not ended. No leeway: at the end it is verified again. */
  get(token: string, now: number = Date.now()): SignedIn | undefined {
    const known = this.entries.get(token);
    if (!known || known.expiresAt * 1000 > now) return known;
    this.entries.delete(token);
    return undefined;
  }

  add(token: string, signedIn: SignedIn): void {
    this.entries.set(token, signedIn);
    if (this.entries.size > MAX_ENTRIES) this.entries.delete(this.entries.keys().next().value as string);
  }
}

import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { randomUUID } from 'node:crypto';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import type { Principal } from '../../platform/http/index.ts';
import {
  accessClaims,
  bearerToken,
  CLOCK_LEEWAY_SECONDS,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  VerifiedToken,
} from '../sessions/access-token.ts';
import { SessionRegistry } from '../sessions/session-registry.ts';
import { TokenKeys } from '../sessions/token-keys.ts';

/** A verified caller: the principal and the session its token belongs to. */
export interface SignedIn {
  readonly principal: Principal;
  readonly sessionId: string;
  readonly tokenVersion: number;
  /** Second of the clock at which the token ends. */
  readonly expiresAt: number;
}

/** Verifies access tokens: signature and times by passport-jwt, then type, claims and that the session still stands. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    keys: TokenKeys,
    private readonly registry: SessionRegistry,
  ) {
    super({
      jwtFromRequest: bearerToken,
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: Error | null, key?: string) => void) => {
        const key = keys.keyOf(token);
        // jsonwebtoken takes a KeyObject, which spares it a millisecond of parsing; the typings of passport-jwt lag behind.
        if (key) done(null, key as unknown as string);
        else done(new Error('The token was signed with no key of ours'));
      },
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      jsonWebTokenOptions: { clockTolerance: CLOCK_LEEWAY_SECONDS, complete: true },
    });
  }

  /** Passport knows strategies by name for the whole process; a name of its own keeps two apps in one process apart. */
  getPassportInstance() {
    return {
      use: (strategy: Strategy) => {
        strategy.name = `jwt-${randomUUID()}`;
        passport.use(strategy);
      },
    };
  }

  async validate(token: VerifiedToken): Promise<SignedIn | false> {
    const claims = accessClaims(token);
    if (!claims || !(await this.registry.stands(claims.sub, claims.sid, claims.ver))) return false;
    return {
      principal: { userId: claims.sub, email: claims.email, role: claims.role, locationIds: claims.locs },
      sessionId: claims.sid,
      tokenVersion: claims.ver,
      expiresAt: claims.exp,
    };
  }
}

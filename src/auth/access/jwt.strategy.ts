import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { randomUUID } from 'node:crypto';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
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
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly registry: SessionRegistry,
  ) {
    super({
      jwtFromRequest: bearerToken,
      // jsonwebtoken takes a KeyObject, which spares it a millisecond of parsing; the typings of passport-jwt lag behind.
      secretOrKey: config.auth.jwtKey as unknown as string,
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

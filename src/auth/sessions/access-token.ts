import type { JwtSignOptions } from '@nestjs/jwt';
import type { Role } from '../../platform/http/index.ts';

export const TOKEN_ISSUER = 'shelfcast';
export const TOKEN_AUDIENCE = 'shelfcast-api';
/** The one algorithm; a token that names another is refused whatever it is signed with. */
export const TOKEN_ALGORITHM = 'HS256';
export const ACCESS_TOKEN_SECONDS = 15 * 60;
/** Clocks of two machines may differ by so much. */
export const CLOCK_LEEWAY_SECONDS = 5;

/** Claims of an access token beside the registered ones. */
export interface AccessClaims {
  /** User id. */
  readonly sub: string;
  readonly typ: 'access';
  readonly email: string;
  readonly role: Role;
  /** Token version of the user; a later one on record makes the token void. */
  readonly ver: number;
  /** Session: the family of refresh tokens it was made with. */
  readonly sid: string;
  /** Public ids of the locations the user is limited to. */
  readonly locs: readonly string[];
}

export const SIGN_OPTIONS = {
  algorithm: TOKEN_ALGORITHM,
  issuer: TOKEN_ISSUER,
  audience: TOKEN_AUDIENCE,
  expiresIn: ACCESS_TOKEN_SECONDS,
  notBefore: 0,
} as const satisfies JwtSignOptions;

/** Longest token that is looked at; a user limited to a hundred locations has one of about 5,500 characters. */
const MAX_TOKEN_LENGTH = 8192;

/**
 * The token of an `Authorization: Bearer` header, or null. Not passport-jwt's own extractor, whose pattern takes
 * quadratic time on a long header without a space.
 */
export function bearerToken(request: { readonly headers: { readonly authorization?: string } }): string | null {
  const header = request.headers.authorization;
  if (header === undefined || header.length > MAX_TOKEN_LENGTH || header.slice(0, 7).toLowerCase() !== 'bearer ')
    return null;
  return header.slice(7);
}

/** Header and claims as they come out of a verified token. */
export interface VerifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Partial<AccessClaims> & { readonly exp?: unknown };
}

/**
 * The claims of a token whose signature, issuer, audience and times are good, or null if it is not an access token of
 * ours: one with an end, of the right type, whose header points at no key of its own. (Its `kid` only chooses among ours, see
 * `TokenKeys`.)
 */
export function accessClaims({ header, payload }: VerifiedToken): (AccessClaims & { readonly exp: number }) | null {
  if (['jku', 'jwk', 'x5u', 'x5c', 'crit'].some((name) => name in header)) return null;
  if (payload.typ !== 'access' || typeof payload.exp !== 'number') return null;
  const { sub, sid, email, role, ver, locs } = payload;
  const complete = sub && sid && email && role && typeof ver === 'number' && Array.isArray(locs);
  return complete ? (payload as AccessClaims & { readonly exp: number }) : null;
}

import { ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import {
  Access,
  ACCESS_KEY,
  ForbiddenError,
  includesRole,
  noteCaller,
  RateLimiter,
  Role,
  UnauthorizedError,
} from '../../platform/http/index.ts';
import { traced } from '../../platform/tracing/index.ts';
import { bearerToken } from '../sessions/access-token.ts';
import { SessionRegistry } from '../sessions/session-registry.ts';
import { JwtStrategy } from './jwt.strategy.ts';
import type { SignedIn } from './jwt.strategy.ts';
import { VerifiedTokens } from './verified-tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Session of the caller's access token. */
    sessionId?: string;
  }
}

function admit(request: FastifyRequest, { principal, sessionId }: SignedIn): void {
  request.principal = principal;
  noteCaller(principal.userId);
  request.sessionId = sessionId;
}

type RoleAccess = Extract<Access, { role: Role }>;

/**
 * The one door of the API: counts the request against its rate limit, verifies the token and holds the route's statement
 * against the caller's role. A route without a statement is closed.
 */
@Injectable()
export class AccessGuard extends AuthGuard() {
  private readonly statements = new WeakMap<object, Access>();

  constructor(
    strategy: JwtStrategy,
    private readonly reflector: Reflector,
    private readonly limiter: RateLimiter,
    private readonly verified: VerifiedTokens,
    private readonly registry: SessionRegistry,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    super({ defaultStrategy: strategy.name });
  }

  /**
   * Answers at once, without a promise, for a caller who is known and a counter in memory: most requests are such, and
   * each promise on this path costs every one of them.
   */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return traced('internal', 'access check', {}, () => this.check(context));
  }

  private check(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const access = this.accessOf(context);
    if (!access) throw new ForbiddenError('This route is closed');
    if (!('public' in access) && !this.recognise(request)) return this.verify(context, access, request, reply);
    const counted = this.limiter.count(request, reply);
    const enter = () => 'public' in access || this.enter(access, request, reply);
    return counted ? counted.then(enter) : enter();
  }

  private async verify(
    context: ExecutionContext,
    access: RoleAccess,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<boolean> {
    await super.canActivate(context);
    // After the verification, because only then the limit is the caller's own; refused tokens count for their address.
    await this.limiter.count(request, reply);
    return this.enter(access, request, reply);
  }

  private enter(access: RoleAccess, request: FastifyRequest, reply: FastifyReply): boolean {
    if (!request.principal) throw new UnauthorizedError();
    // Answers for one caller are not for the caches between; a route that lets its client revalidate says so itself.
    reply.header('cache-control', 'no-store');
    if (!this.allows(access, request.principal.role)) throw new ForbiddenError();
    return true;
  }

  /** Statements never change, so each handler's is looked up once. */
  private accessOf(context: ExecutionContext): Access | undefined {
    const handler = context.getHandler();
    const known = this.statements.get(handler);
    if (known) return known;
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS_KEY, [handler, context.getClass()]);
    if (access) this.statements.set(handler, access);
    return access;
  }

  /** Called by passport with the outcome; a refusal leaves the request without a principal. */
  override handleRequest<T>(error: unknown, signedIn: SignedIn | false, _info: unknown, context: ExecutionContext): T {
    if (error) throw error;
    if (signedIn) {
      const request = context.switchToHttp().getRequest<FastifyRequest>();
      admit(request, signedIn);
      this.verified.add(bearerToken(request) as string, signedIn);
    }
    return signedIn as T;
  }

  /** Admits a caller whose token was verified before, if it is fresh knowledge that the session stands. */
  private recognise(request: FastifyRequest): boolean {
    const token = bearerToken(request);
    const known = token === null ? undefined : this.verified.get(token);
    if (!known || !this.registry.standsFresh(known.principal.userId, known.sessionId, known.tokenVersion)) return false;
    admit(request, known);
    return true;
  }

  private allows(access: RoleAccess, role: Role): boolean {
    if (includesRole(role, access.role)) return true;
    return access.catalogue && this.config.auth.viewerReadsCatalogue;
  }
}

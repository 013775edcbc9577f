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
  RateLimiter,
  Role,
  UnauthorizedError,
} from '../../platform/http/index.ts';
import { JwtStrategy } from './jwt.strategy.ts';
import type { SignedIn } from './jwt.strategy.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Session of the caller's access token. */
    sessionId?: string;
  }
}

/**
 * The one door of the API: counts the request against its rate limit, verifies the token and holds the route's statement
 * against the caller's role. A route without a statement is closed.
 */
@Injectable()
export class AccessGuard extends AuthGuard() {
  constructor(
    strategy: JwtStrategy,
    private readonly reflector: Reflector,
    private readonly limiter: RateLimiter,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    super({ defaultStrategy: strategy.name });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS_KEY, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!access) throw new ForbiddenError('This route is closed');
    if ('public' in access) {
      await this.limiter.count(request, reply);
      return true;
    }
    await super.canActivate(context);
    // After the verification, because only then the limit is the caller's own; refused tokens count for their address.
    await this.limiter.count(request, reply);
    if (!request.principal) throw new UnauthorizedError();
    // Answers for one caller are not for the caches between; a route that lets its client revalidate says so itself.
    reply.header('cache-control', 'no-store');
    if (!this.allows(access, request.principal.role)) throw new ForbiddenError();
    return true;
  }

  /** Called by passport with the outcome; a refusal leaves the request without a principal. */
  override handleRequest<T>(error: unknown, signedIn: SignedIn | false, _info: unknown, context: ExecutionContext): T {
    if (error) throw error;
    if (signedIn) {
      const request = context.switchToHttp().getRequest<FastifyRequest>();
      request.principal = signedIn.principal;
      request.sessionId = signedIn.sessionId;
    }
    return signedIn as T;
  }

  private allows(access: Extract<Access, { role: Role }>, role: Role): boolean {
    if (includesRole(role, access.role)) return true;
    return access.catalogue && this.config.auth.viewerReadsCatalogue;
  }
}

import { createParamDecorator, ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** What a signed-in caller may be; each role includes the ones after it. */
export const ROLES = ['admin', 'planner', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Who calls: set on the request by the authentication guard. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  /** Public ids of the places the caller is limited to; empty = all. */
  readonly locationIds: readonly string[];
}

/** Statement of a route: open to anybody, or the least role that may use it. */
export type Access = { readonly public: true } | { readonly role: Role; readonly catalogue: boolean };

export const ACCESS_KEY = 'shelfcast:access';

/** Opens a route to callers without credentials. */
export const Public = () => SetMetadata(ACCESS_KEY, { public: true } satisfies Access);

/** Opens a route to a role and the roles above it. */
export const AllowRole = (role: Role) => SetMetadata(ACCESS_KEY, { role, catalogue: false } satisfies Access);

/** Planner route that a viewer may also read where `VIEWER_READS_CATALOGUE=true`. */
export const AllowCatalogueRead = () => SetMetadata(ACCESS_KEY, { role: 'planner', catalogue: true } satisfies Access);

/** Whether `role` includes what `required` may do. */
export function includesRole(role: Role, required: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(required);
}

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal;
  }
}

/** Parameter decorator: the {@link Principal} of the request. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = context.switchToHttp().getRequest<FastifyRequest>().principal;
  if (!principal) throw new Error('Caller used on a public route');
  return principal;
});

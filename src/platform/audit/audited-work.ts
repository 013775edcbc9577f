import {
  applyDecorators,
  CallHandler,
  ExecutionContext,
  Injectable,
  NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { mergeMap, Observable } from 'rxjs';
import { AuditTrail } from './audit-trail.ts';

const ACTION_KEY = 'shelfcast:audited-work';

/**
 * Leaves an entry for a request that started long work: which job, and what the request said. The job's row was written
 * with the caller and the correlation id before; should the entry fail, so does the request, which may be sent again: it
 * joins the same job and leaves the entry then.
 */
@Injectable()
export class AuditedWorkInterceptor implements NestInterceptor {
  constructor(
    private readonly audit: AuditTrail,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const action = this.reflector.get<string>(ACTION_KEY, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        await this.record(action, (answer as { job_id: string }).job_id, request);
        return answer;
      }),
    );
  }

  private record(action: string, jobId: string, { principal, params, body }: FastifyRequest): Promise<void> {
    if (!principal) throw new Error('Audited work on a public route');
    const after = { ...(params as object), ...(body as object | undefined) };
    return this.audit.record({ actor: principal.email, action, entity: 'job', entityId: jobId, after });
  }
}

/**
 * Lets a route that answers with a job leave an entry in the audit trail; see {@link AuditedWorkInterceptor}. Stands before
 * `@Idempotent`, so that an answer that was kept leaves no second one.
 * @param action what was asked for, as `entity.verb`, such as `model.training_requested`
 */
export const AuditedWork = (action: string) =>
  applyDecorators(SetMetadata(ACTION_KEY, action), UseInterceptors(AuditedWorkInterceptor));

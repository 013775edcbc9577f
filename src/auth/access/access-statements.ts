import { Injectable, OnApplicationBootstrap, RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS_KEY, IdempotencyInterceptor } from '../../platform/http/index.ts';

/** Keys under which Nest keeps a handler's path and method. */
const PATH_METADATA = 'path';
const METHOD_METADATA = 'method';
const INTERCEPTORS_METADATA = '__interceptors__';

/** Refuses to start while a route does not state who may use it, or a mutation does not honour `Idempotency-Key`. */
@Injectable()
export class AccessStatements implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    const silent = this.routes().filter(({ stated }) => !stated);
    if (silent.length) {
      throw new Error(`Routes without a statement who may use them: ${silent.map(({ name }) => name).join(', ')}`);
    }
    const unsafe = this.routes().filter(({ mutation, idempotent }) => mutation && !idempotent);
    if (unsafe.length) throw new Error(`Mutations without @Idempotent(): ${unsafe.map(({ name }) => name).join(', ')}`);
  }

  private routes(): { name: string; stated: boolean; mutation: boolean; idempotent: boolean }[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      if (!metatype) return [];
      const prototype = metatype.prototype as Record<string, object>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((method) => Reflect.hasMetadata(PATH_METADATA, prototype[method]))
        .map((method) => {
          const handler = prototype[method];
          const verb = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
          const interceptors = (Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ?? []) as unknown[];
          return {
            mutation: verb !== 'GET',
            idempotent: interceptors.includes(IdempotencyInterceptor),
            name: `${metatype.name}.${method} (${verb})`,
            stated: Reflect.hasMetadata(ACCESS_KEY, handler) || Reflect.hasMetadata(ACCESS_KEY, metatype),
          };
        });
    });
  }
}

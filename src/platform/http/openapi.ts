import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ModulesContainer } from '@nestjs/core';
import { Access, ACCESS_KEY } from './access.ts';
import { Problem } from './problem.filter.ts';

interface Operation {
  operationId?: string;
  description?: string;
  security?: object[];
  responses?: Record<string, unknown>;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** OpenAPI 3.0's `nullable: true` as JSON Schema says it, which is what OpenAPI 3.1 speaks. */
function withoutNullable(node: Json): Json {
  if (Array.isArray(node)) return node.map(withoutNullable);
  if (node === null || typeof node !== 'object') return node;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, withoutNullable(value)]),
  );
  if (nullable !== true) return nullable === undefined || nullable === false ? rest : { nullable, ...rest };
  if (typeof rest.type === 'string') {
    return { ...rest, type: [rest.type, 'null'], ...(Array.isArray(rest.enum) ? { enum: [...rest.enum, null] } : {}) };
  }
  return { anyOf: [rest, { type: 'null' }] };
}

const PROBLEM_SCHEMA: Record<keyof Problem, Json> = {
  type: { type: 'string' },
  title: { type: 'string' },
  status: { type: 'integer' },
  detail: { type: 'string' },
  instance: { type: 'string' },
  code: { type: 'string' },
  correlation_id: { type: ['string', 'null'] },
  errors: {
    type: 'array',
    items: {
      type: 'object',
      properties: { field: { type: 'string' }, message: { type: 'string' } },
      required: ['field', 'message'],
      additionalProperties: false,
    },
  },
};

/** Every operation may refuse in the same way; said once for all instead of on each route. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const { errors, ...required } = PROBLEM_SCHEMA;
  const schemas = {
    ...document.components?.schemas,
    Problem: {
      type: 'object',
      properties: { ...required, errors },
      required: Object.keys(required),
      additionalProperties: false,
    },
  };
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path) as Operation[]) {
      if (!operation?.responses) continue;
      operation.responses.default = {
        description: 'The request was refused or failed',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      };
    }
  }
  return { ...document, components: { ...document.components, schemas } } as OpenAPIObject;
}

/** Statements of access by operation id, which Nest makes of controller and method. */
function accessByOperation(app: NestFastifyApplication): Map<string, Access> {
  const found = new Map<string, Access>();
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      if (typeof metatype !== 'function') continue;
      const prototype = metatype.prototype as Record<string, object>;
      for (const method of Object.getOwnPropertyNames(prototype)) {
        const access = (Reflect.getMetadata(ACCESS_KEY, prototype[method]) ??
          Reflect.getMetadata(ACCESS_KEY, metatype)) as Access | undefined;
        if (access) found.set(`${metatype.name}_${method}`, access);
      }
    }
  }
  return found;
}

/** Says on each operation who may use it; public ones need no token. */
function withAccess(document: OpenAPIObject, access: Map<string, Access>): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path) as Operation[]) {
      const statement = access.get(operation.operationId ?? '');
      if (!statement) continue;
      if ('public' in statement) operation.security = [];
      else {
        const viewer = statement.catalogue ? '; a viewer too where VIEWER_READS_CATALOGUE is set' : '';
        operation.description = [operation.description, `Role: ${statement.role}${viewer}.`]
          .filter(Boolean)
          .join('\n\n');
      }
    }
  }
  return document;
}

/** The API's OpenAPI 3.1 document, from the routes and their DTO classes. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Shelfcast')
    .setDescription('Probabilistic demand forecasts and order recommendations from sales history.')
    .setVersion('1')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .build();
  const document = withAccess(withProblems(SwaggerModule.createDocument(app, settings)), accessByOperation(app));
  return withoutNullable(document as unknown as Json) as unknown as OpenAPIObject;
}

/** Serves the document at `/openapi.json` and its reader at `/docs`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Shelfcast API',
  });
}

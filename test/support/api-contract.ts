import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { readFileSync } from 'node:fs';
import type { Response } from 'supertest';

type Schema = { [key: string]: unknown };
interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema?: Schema }> }>;
}

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

/** Closes every object schema, so that a field the document does not name is a finding. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (!node || typeof node !== 'object') return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)])) as Schema;
  if (copy.properties && copy.additionalProperties === undefined && !copy.allOf) copy.additionalProperties = false;
  return copy;
}

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => Ajv2020;
const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
ajv.addSchema({ $id: 'api', components: closed(document.components) as Schema });

/** `$ref`s of an operation point into the document; here they point into the registered schema. */
function anchored(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(closed(schema)).replaceAll('"$ref":"#/', '"$ref":"api#/')) as Schema;
}

const templates = Object.keys(document.paths)
  .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`) }))
  // A literal segment wins over a parameter, as it does in the router.
  .sort((a, b) => (a.template.match(/\{/g)?.length ?? 0) - (b.template.match(/\{/g)?.length ?? 0));

/**
 * Checks an answer against the committed OpenAPI document: the operation, the status, the media type and the body.
 * @throws Error that says what differs
 */
export function assertContract(method: string, url: string, response: Response): void {
  const path = new URL(url, 'http://localhost').pathname;
  if (!path.startsWith('/api/') && !path.startsWith('/health/')) return;
  const match = templates.find(
    ({ pattern, template }) => pattern.test(path) && document.paths[template][method.toLowerCase()],
  );
  const where = `${method} ${path} → ${response.status}`;
  if (!match) {
    // Unknown routes and methods have no operation to look up; they are refused as problems all the same.
    const problem = String(response.headers['content-type']).startsWith('application/problem+json');
    if ([404, 405, 429].includes(response.status) && problem) return;
    throw new Error(`${where}: the route is not in openapi.json`);
  }
  const { responses } = document.paths[match.template][method.toLowerCase()];
  if (response.status === 304) return;
  const described = responses[String(response.status)] ?? (response.status >= 400 ? responses.default : undefined);
  if (!described) throw new Error(`${where}: the status is not in openapi.json`);
  const mediaType = String(response.headers['content-type'] ?? '').split(';')[0];
  const contents = described.content ?? {};
  if (Object.keys(contents).length === 0) {
    if (response.text) throw new Error(`${where}: openapi.json says there is no body`);
    return;
  }
  const content = contents[mediaType];
  if (!content)
    throw new Error(`${where}: ${mediaType} is not in openapi.json, which has ${Object.keys(contents).join(', ')}`);
  if (!content.schema || !mediaType.endsWith('json')) return;
  const validate = ajv.compile(anchored(content.schema));
  const body: unknown = JSON.parse(response.text);
  if (!validate(body))
    throw new Error(`${where}: ${ajv.errorsText(validate.errors)} in ${response.text.slice(0, 500)}`);
}

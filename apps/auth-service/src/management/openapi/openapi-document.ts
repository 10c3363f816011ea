import { type ControllerRoute, controllerRoutes, type RouteAccess } from '@longshore/oci';
import { z } from 'zod';
import { components } from '../fields.ts';
import type { Operation } from '../operation.ts';
import { operations } from '../operations.ts';
import { problem } from './problem-schema.ts';

type Json = Readonly<Record<string, unknown>>;

/** Statuses of refusals that every request can get, with what they mean. */
const common = {
  400: 'A parameter or the form of the body is not valid.',
  401: 'No credentials were sent, or they are not valid.',
  403: 'The credentials do not allow this.',
  405: 'The path has no such method.',
  408: 'The body did not arrive in time.',
  413: 'The body is too large.',
  414: 'A part of the path is too long.',
  415: 'The body is not JSON.',
  429: 'Too many requests.',
  503: 'A part of the registry is away. Try again.',
} as const;
const further = {
  404: 'There is nothing at this path.',
  409: 'The name is taken, or the state does not allow it.',
  422: 'The body is not valid.',
} as const;
const descriptions: Readonly<Record<number, string>> = { ...common, ...further };

const reference = (id: string): string => `#/components/schemas/${id}`;

/** Describes the management API in OpenAPI 3.1, from the declarations of its operations and the table of routes. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [id, made] of operations) {
    const row: ControllerRoute = controllerRoutes[made.route];
    const path = (row.templates[0] ?? '').replaceAll(/<([a-z]+)>/g, '{$1}');
    paths[path] = { ...paths[path], [made.method.toLowerCase()]: operationObject(id, made, row.access) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Longshore management API',
      version: '1',
      description:
        'Users, groups, robots, access tokens, rules of access, sessions, signing keys and the audit log. Errors are problem documents (RFC 9457). Lists come in pages: follow the `next` of the header `Link`. Cookies count for nothing.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: schemas(),
      responses: Object.fromEntries(
        Object.entries(descriptions).map(([status, text]) => [`Problem${status}`, problemResponse(text)]),
      ),
      securitySchemes: {
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'Name and password, or an access token as password.',
        },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An access token; or a token of the token endpoint with the scope `registry:management:*`.',
        },
      },
    },
  };
}

/** Leaves out what a format says already, and the bounds of JavaScript's integers. */
function plainer({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function schemas(): Json {
  const { schemas: made } = z.toJSONSchema(components, { uri: reference, io: 'input', override: plainer });
  return Object.fromEntries(
    Object.entries(made)
      .map(([id, schema]) => [id, withoutNames(schema)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A component is named by its place in the document. */
const withoutNames = (schema: object): Json =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));

function operationObject(id: string, made: Operation, access: RouteAccess): Json {
  const { summary, description, body, answer, status, refusals = [] } = made;
  const statuses = [...Object.keys(common).map(Number), ...refusals, ...(body === undefined ? [] : [422])];
  return {
    operationId: id,
    tags: [access.kind === 'identity' ? 'own account' : 'administration'],
    summary,
    ...(description !== undefined && { description }),
    security: [{ basic: [] }, { bearer: [] }],
    parameters: [...parametersOf(made.path, 'path'), ...parametersOf(made.query, 'query')],
    ...(body !== undefined && { requestBody: { required: true, content: content(body) } }),
    responses: {
      [status]: {
        description: summary,
        headers: headersOf(made),
        ...(answer !== undefined && { content: content(answer) }),
      },
      ...Object.fromEntries(
        statuses
          .toSorted((a, b) => a - b)
          .map((each) => [each, { $ref: `#/components/responses/Problem${each}` }]),
      ),
    },
  };
}

function headersOf({ creates, query, isSecret }: Operation): Json {
  const text = { type: 'string' };
  return {
    ...(creates !== undefined && { Location: { description: 'The path of what was made.', schema: text } }),
    ...(query !== undefined &&
      'cursor' in query.shape && { Link: { description: 'The next page (`rel="next"`).', schema: text } }),
    ...(isSecret === true && { 'Cache-Control': { description: '`no-store`', schema: text } }),
  };
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', override: plainer });
  return Object.entries(properties).map(([name, described]) =>
    parameterOf(
      { name, in: place, required: place === 'path' || required.includes(name) },
      typeof described === 'object' ? described : {},
    ),
  );
}

const parameterOf = (parameter: Json, { description, ...schema }: z.core.JSONSchema.BaseSchema): Json => ({
  ...parameter,
  ...(description !== undefined && { description }),
  schema,
});

const content = (schema: z.ZodType): Json => ({
  'application/json': { schema: { $ref: reference(components.get(schema)?.id ?? '') } },
});

const problemResponse = (description: string): Json => ({
  description,
  content: {
    'application/problem+json': { schema: { $ref: reference(components.get(problem)?.id ?? '') } },
  },
});

import type { Identity, PolicyRights } from '@longshore/authorization';
import type { ManagementCall } from '@longshore/messaging';
import type { ChangeOrigin, Db } from '@longshore/metadata';
import type { ManagementRouteId } from '@longshore/oci';
import type { ProblemCause } from '@longshore/service-kit';
import { z } from 'zod';
import { Refused } from './refusals.ts';

/** What an operation works with. */
export interface Scope {
  readonly db: Db;
  readonly rights: PolicyRights;
  /** Seconds since the provider confirmed the person of a session that counts. Zero without login by OpenID Connect. */
  readonly confirmation: number;
  /** Id of the operation. */
  readonly operation: string;
  readonly identity: Identity;
  readonly client: ManagementCall['client'];
  readonly origin: ChangeOrigin;
}

export interface Answer<T> {
  readonly body: T;
  /** Values of the parameters in the path of what was created. */
  readonly created?: Readonly<Record<string, string>>;
  /** Cursor of the next page. */
  readonly next?: string | undefined;
}

interface Declaration<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  readonly route: ManagementRouteId;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly summary: string;
  readonly description?: string;
  /** The route of what is created, for its Location. */
  readonly creates?: ManagementRouteId;
  readonly path?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly status: 200 | 201 | 202 | 204;
  readonly answer?: A;
  /** Statuses of refusals beside those that each request can get. */
  readonly refusals?: readonly (404 | 409)[];
  /** True if the answer holds a secret. */
  readonly isSecret?: true;
}

/** The input of a request. */
interface Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly path: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
}

/** One operation of the management API: its declaration, and the work. From it come validation, types and the OpenAPI document. */
export interface Operation extends Declaration<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType> {
  /** Parses the input and does the work. @throws Refused, AccountError, OciError */
  readonly perform: (call: ManagementCall, scope: Scope) => Promise<Answer<unknown>>;
}

const nothing = z.strictObject({});

export function operation<
  P extends z.ZodObject = typeof nothing,
  Q extends z.ZodObject = typeof nothing,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodUndefined,
>(
  declaration: Declaration<P, Q, B, A> & {
    readonly run: (input: Input<P, Q, B>, scope: Scope) => Promise<Answer<z.input<A>>>;
  },
): Operation {
  const { run, path, query, body, ...rest } = declaration;
  return {
    ...rest,
    ...(path !== undefined && { path }),
    ...(query !== undefined && { query }),
    ...(body !== undefined && { body }),
    perform: (call, scope) => {
      const input = {
        path: parsePath(path ?? nothing, call.path),
        query: parseQuery(query ?? nothing, call.query),
        body: body === undefined ? undefined : parseBody(body, call.body),
      };
      // oxlint-disable-next-line no-unsafe-type-assertion -- each part was parsed by the schema of its type, or has none
      return run(input as Input<P, Q, B>, scope);
    },
  };
}

/** Nothing can have a name that is not well formed. @throws Refused 404 */
function parsePath<T>(schema: z.ZodType<T>, path: ManagementCall['path']): T {
  const { success, data } = schema.safeParse(path);
  if (!success) throw new Refused(404, 'There is nothing at this path.');
  return data;
}

/** @throws Refused 400 for a parameter that is unknown, not valid, or there twice */
function parseQuery<T>(schema: z.ZodType<T>, query: ManagementCall['query']): T {
  const repeated = query.map(([name]) => name).filter((name, at, names) => names.indexOf(name) !== at);
  const { success, data, error } = schema.safeParse(Object.fromEntries(query));
  if (success && repeated.length === 0) return data;
  const causes = (error?.issues ?? []).flatMap((issue): ProblemCause[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((parameter) => ({ parameter, detail: 'is no parameter of this request' }))
      : [{ parameter: String(issue.path[0]), detail: issue.message }],
  );
  const twice = repeated.map((parameter) => ({ parameter, detail: 'may be given once' }));
  throw new Refused(400, 'A parameter is not valid.', [...causes, ...twice]);
}

/** @throws Refused 400 for a text that is no JSON, 422 for another form than the schema's */
function parseBody<T>(schema: z.ZodType<T>, text: string): T {
  const { success, data, error } = schema.safeParse(readJson(text));
  if (success) return data;
  throw new Refused(
    422,
    'The body is not valid.',
    error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: 'is no member' }))
        : [{ pointer: pointerOf(issue.path), detail: issue.message }],
    ),
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      // Postgres stores neither.
      if (isUnstorable(key) || (typeof value === 'string' && isUnstorable(value)))
        throw new SyntaxError('a text holds NUL or half of a surrogate pair');
      return value;
    });
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new Refused(400, 'The body is not JSON in UTF-8.');
  }
}

const isUnstorable = (text: string): boolean => text.includes('\0') || !text.isWellFormed();

/** Writes a JSON Pointer (RFC 6901). */
const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

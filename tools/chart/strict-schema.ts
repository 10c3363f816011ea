/** Any value of a JSON document. */
type Json = string | number | boolean | null | undefined | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** OpenAPI declares it as text, and the API server accepts text and numbers. */
const textOrNumber = { anyOf: [{ type: 'string' }, { type: 'number' }] };
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

/** Turns an OpenAPI schema into a strict JSON Schema: an object with listed keys allows no others. */
export function strictSchema(schema: JsonObject): JsonObject {
  if (schema['x-kubernetes-int-or-string'] === true || schema['format'] === 'int-or-string')
    return textOrNumber;
  const { $ref } = schema;
  if (typeof $ref === 'string') return reference($ref);
  const entries = Object.entries(schema)
    // Formats are for people, and keys that begin with x- are for the API server.
    .filter(
      ([keyword]) => keyword !== 'format' && keyword !== 'default' && !keyword.startsWith('x-kubernetes-'),
    )
    .map(([keyword, value]) => [keyword, strictKeyword(keyword, value)] as const);
  return { ...Object.fromEntries(entries), ...(isClosed(schema) && { additionalProperties: false }) };
}

function isClosed(schema: JsonObject): boolean {
  return (
    schema['properties'] !== undefined &&
    schema['additionalProperties'] === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  );
}

function reference(path: string): JsonObject {
  const name = path.replace('#/components/schemas/', '');
  return name === quantity ? textOrNumber : { $ref: `#/definitions/${name}` };
}

function strictKeyword(keyword: string, value: Json): Json {
  if (keyword === 'properties' && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => [key, isObject(below) ? strictSchema(below) : below]),
    );
  if (isList(value)) return value.map((below) => (isObject(below) ? strictSchema(below) : below));
  return isObject(value) ? strictSchema(value) : value;
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

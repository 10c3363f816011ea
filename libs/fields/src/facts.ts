import { z } from 'zod';

/** Facts about a key beyond its schema, for the reference page, the environment and the error messages. */
export interface FieldFacts {
  description?: string;
  /** Name of the type on the reference page. */
  type?: string;
  /** The default as a user would write it. */
  fallback?: string;
  /** Values are never printed, and the reference page advises the `_FILE` variable. */
  secret?: true;
  /** The path of the URL is itself a credential, like that of a chat's webhook. */
  secretPath?: true;
  /** A bare word stands for a section of that name: `storage: inmemory`, `REGISTRY_AUTH=htpasswd`. */
  shorthand?: true;
  /** The path of the section that describes the keys of this one: a reference page has them there. */
  like?: string;
  /** The key names a host to which clients may be redirected. */
  reachedByClients?: true;
  /** A bare text is a comma-separated list. */
  separated?: true;
  /** The key is accepted without effect, so that a distribution file needs no edit. The text says why. */
  ignored?: string;
  /** The key is accepted while it is switched off. The text says what does not happen. */
  idle?: string;
  /** The key is refused by name. The text says why. */
  refused?: string;
  /** The JSON Schema of a value whose numbers and booleans are not parsed from text. */
  json?: JsonSchema;
}

/** A part of a JSON Schema, draft 7. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

export const facts = z.registry<FieldFacts>();

/** Attaches facts to a schema. */
export function leaf<S extends z.ZodType>(schema: S, about: FieldFacts): S {
  facts.add(schema, about);
  return schema;
}

import { z } from 'zod';

/** What the reference page, the environment and the error messages need to know about a key beyond its schema. */
export interface FieldFacts {
  description?: string;
  /** How the reference page names the type. */
  type?: string;
  /** How a user would write the default. */
  fallback?: string;
  /** Values are never printed, and the reference page advises the `_FILE` variable. */
  secret?: true;
  /** The path of the URL opens what it leads to, as the path of a chat's webhook does. */
  secretPath?: true;
  /** A bare word stands for a section of that name: `storage: inmemory`, `REGISTRY_AUTH=htpasswd`. */
  shorthand?: true;
  /** A bare text is a list written with commas. */
  separated?: true;
  /** Accepted so that a distribution file needs no edit, and without effect; the text says why. */
  ignored?: string;
  /** Accepted as long as it is switched off; the text says what does not happen. */
  idle?: string;
  /** Refused by name; the text says why. */
  refused?: string;
  /** What a value may be where numbers and booleans are kept as such, in the words of JSON Schema. */
  json?: JsonSchema;
}

/** A part of a JSON Schema, draft 7. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

export const facts = z.registry<FieldFacts>();

/** A schema with what is known of it. */
export function leaf<S extends z.ZodType>(schema: S, about: FieldFacts): S {
  facts.add(schema, about);
  return schema;
}

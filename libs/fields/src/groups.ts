import { z } from 'zod';
import { type FieldFacts, facts, leaf } from './facts.ts';

export function list<S extends z.ZodType>(
  description: string,
  element: S,
  about: Pick<FieldFacts, 'separated' | 'secret'> = {},
) {
  return leaf(z.array(element), {
    description,
    type: `list of ${facts.get(element)?.type ?? 'sections'}`,
    ...about,
  });
}

export function map<S extends z.ZodType>(
  description: string,
  value: S,
  about: Pick<FieldFacts, 'secret'> = {},
) {
  return leaf(z.record(z.string(), value), {
    description,
    type: `map of ${facts.get(value)?.type ?? 'sections'}`,
    ...about,
  });
}

/** Arbitrary keys, which only a driver or an exporter interprets. */
export const anything = (description: string) => leaf(z.unknown(), { description, type: 'any' });

/** A group of keys. Any other key is an error. */
export function section<S extends z.ZodRawShape>(description: string, shape: S, about: FieldFacts = {}) {
  return leaf(z.strictObject(shape), { description, ...about });
}

/** A group that exists even if the file does not name it, with the defaults of its keys. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that every key of such a group has a default cannot be said in the type; the suite parses each.
export const always = <S extends z.ZodObject>(group: S) => group.prefault({} as z.input<S>);

/** Sets the default of a key, written as a user would write it, so that the reference page and the parser share it. */
export function defaulting<S extends z.ZodType<unknown, string>>(
  schema: S,
  fallback: z.input<S> & string,
): z.ZodPrefault<S> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- prefault's parameter depends on the polymorphic this, which a type parameter cannot match.
  const outer = schema.prefault(fallback as never);
  facts.add(outer, { fallback });
  return outer;
}

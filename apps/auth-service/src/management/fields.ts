import { z } from 'zod';

/** The components of the OpenAPI document, by name. */
export const components = z.registry<{ readonly id: string }>();

/** Names a schema, so that the document describes it once. */
export function component<T extends z.ZodType>(id: string, schema: T): T {
  components.add(schema, { id });
  return schema;
}

// oxlint-disable-next-line no-control-regex -- it looks for exactly these
const printable = /^[^\u0000-\u001f\u007f]*$/;

/** A text on one line. */
export const line = (longest: number) => z.string().min(1).max(longest).regex(printable);

export const accountName = z
  .string()
  .max(128)
  .regex(/^[a-z0-9](?:[a-z0-9._@+-]*[a-z0-9])?$/)
  .describe('Name of an account or a group. Lower case, so that one spelling means one account.');

export const uuid = z.uuid();

/** A time of ours. */
export const time = z.iso.datetime();

/** A time of a client's, in any zone. */
export const anyTime = z.iso.datetime({ offset: true });

/** Largest page that a client may ask for. */
export const largestPage = 500;

/** The parameters of a page. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(largestPage).default(100).describe('Most items of the page.'),
  cursor: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional()
    .describe('Where the page begins: from the `Link` of the page before.'),
};

/** A page of a list. The header `Link` leads to the next one. */
export const pageOf = <T extends z.ZodType>(id: string, item: T) =>
  component(id, z.strictObject({ items: z.array(item) }));

import type { KeysetPage } from '@longshore/metadata';
import { cursorOf, positionOf } from './cursor.ts';
import type { Answer } from './operation.ts';
import { Refused } from './refusals.ts';

/** @throws Refused 404 */
export function found<T>(item: T | undefined): T {
  if (item === undefined) throw new Refused(404, 'There is nothing at this path.');
  return item;
}

/** Reads a page of a list that is in the order of a key, and says where the next one begins. */
export async function pageAnswer<T, S>(
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  read: (page: { readonly after?: string; readonly limit: number }) => Promise<KeysetPage<T>>,
  { shown, key }: { readonly shown: (item: T) => S; readonly key: (item: T) => string },
): Promise<Answer<{ items: S[] }>> {
  const [after] = positionOf(cursor, 1) ?? [];
  const { items, more } = await read({ limit, ...(after !== undefined && { after }) });
  const last = items.at(-1);
  return {
    body: { items: items.map(shown) },
    ...(more && last !== undefined && { next: cursorOf([key(last)]) }),
  };
}

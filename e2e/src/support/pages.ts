import { expectStatus } from './expectations.ts';
import { client } from './target.ts';

/** Returns the path of the next page, as a client would follow it. */
export function nextOf(headers: Readonly<Record<string, string>>): string | undefined {
  const link = headers['link'];
  if (link === undefined) return undefined;
  const target = /^<([^>]+)>; *rel="?next"?$/.exec(link)?.[1];
  if (target === undefined) throw new Error(`unreadable Link: ${link}`);
  const url = new URL(target, client.origin);
  return `${url.pathname}${url.search}`;
}

/** Follows the Links from a first page to the last. @param pick returns the items of one page */
export async function allPages<T>(
  path: string,
  pick: (page: Awaited<ReturnType<typeof client.get>>) => readonly T[],
): Promise<{ items: T[]; pages: number }> {
  const items: T[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages += 1) {
    if (pages > 100) throw new Error('the pages do not end');
    const answer = await client.get(next);
    expectStatus(answer, 200);
    items.push(...pick(answer));
    next = nextOf(answer.headers);
  }
  return { items, pages };
}

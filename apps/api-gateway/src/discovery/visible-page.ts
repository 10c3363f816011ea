import type { View } from '@longshore/authorization';
import type { CatalogQuery, NamePage } from '@longshore/messaging';

/** Names of one read while a page is filled. */
const namesPerRead = 1000;
/** Reads for one page. A page that is still short then ends early, with a link to the rest. */
const mostReads = 20;

/** A page, and the last name that was looked at: the next page begins there. */
export interface VisiblePage extends NamePage {
  readonly last: string | undefined;
}

/**
 * Returns a page of the repositories that the client may see. The ranges of the view keep the reads small; where a name's beginning does not tell (a
 * wildcard in the middle, a condition, a rule that denies), names are read and left out.
 */
export async function visiblePage(
  view: View,
  { limit = 100, last }: CatalogQuery,
  read: (query: CatalogQuery) => Promise<NamePage>,
): Promise<VisiblePage> {
  if (limit === 0) return { names: [], more: false, last };
  const ranges = view.ranges === undefined ? {} : { ranges: view.ranges };
  let page: VisiblePage = { names: [], more: true, last };
  for (let reads = 0; reads < mostReads && page.more && page.names.length < limit; reads++) {
    const from = page.last === undefined ? {} : { last: page.last };
    const found = await read({ limit: reads === 0 ? limit : namesPerRead, ...from, ...ranges });
    page = extended(page, found, { limit, view });
  }
  return page;
}

function extended(
  page: VisiblePage,
  found: NamePage,
  { limit, view }: { readonly limit: number; readonly view: View },
): VisiblePage {
  const names = [...page.names];
  let { last } = page;
  for (const [index, name] of found.names.entries()) {
    last = name;
    if (view.shows(name)) names.push(name);
    if (names.length === limit) return { names, more: found.more || index + 1 < found.names.length, last };
  }
  return { names, more: found.more, last };
}

import { OssError } from '../wire/oss-error.ts';
import { percentEncode } from '../wire/oss-reply.ts';
import { element, type Xml } from '../wire/xml.ts';

export interface Page<T> {
  readonly entries: readonly T[];
  readonly commonPrefixes: readonly string[];
  readonly isTruncated: boolean;
  /** The last entry or common prefix of the page, after which the next page begins. */
  readonly last: { readonly name: string; readonly entry: T | undefined } | undefined;
}

interface PageOptions {
  readonly prefix: string;
  readonly delimiter: string;
  /** Limit of entries and common prefixes together. */
  readonly limit: number;
  /** The common prefix at the end of an earlier page. */
  readonly after: string;
}

/**
 * Builds one page of sorted entries, all of which come after the marker. Entries with the delimiter after the prefix are grouped into common
 * prefixes.
 */
export function pageOf<T extends { readonly key: string }>(
  sorted: Iterable<T>,
  { prefix, delimiter, limit, after }: PageOptions,
): Page<T> {
  const entries: T[] = [];
  const commonPrefixes: string[] = [];
  let last: Page<T>['last'];
  for (const entry of sorted) {
    if (!entry.key.startsWith(prefix)) break;
    const group = groupOf(entry.key, prefix, delimiter);
    if (group !== undefined && (group === after || group === commonPrefixes.at(-1))) continue;
    if (entries.length + commonPrefixes.length === limit)
      return { entries, commonPrefixes, isTruncated: true, last };
    if (group === undefined) entries.push(entry);
    else commonPrefixes.push(group);
    last = group === undefined ? { name: entry.key, entry } : { name: group, entry: undefined };
  }
  return { entries, commonPrefixes, isTruncated: false, last };
}

function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

/**
 * Returns how a listing writes names: unchanged, or encoded if the request has `encoding-type=url`.
 * @throws OssError InvalidArgument for another encoding
 */
export function nameWriter(query: ReadonlyMap<string, string>): {
  readonly encoding: readonly Xml[];
  readonly name: (element: string, value: string) => Xml;
} {
  const type = query.get('encoding-type') ?? '';
  if (type === '') return { encoding: [], name: element };
  if (type !== 'url')
    throw new OssError('InvalidArgument', { ArgumentName: 'encoding-type', ArgumentValue: type });
  return {
    encoding: [element('EncodingType', 'url')],
    name: (name, value) => element(name, percentEncode(value)),
  };
}

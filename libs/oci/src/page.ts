import { OciError } from './errors.ts';

/** One page of a sorted listing: what follows `last`, at most `limit` entries. */
export interface Page {
  readonly limit: number | undefined;
  readonly last?: string;
}

export interface PageLimits {
  /** A larger `n` is answered with so many and a Link: refusing it broke Renovate, which asks for 10,000. */
  readonly maximum: number;
  /** What `n` is when the client does not say; undefined leaves it to the service. */
  readonly fallback?: number;
}

const longestLast = 512;

/** An empty `n` is none, as in distribution. @throws OciError PAGINATION_NUMBER_INVALID for an `n` that is no whole number of zero or more */
export function parsePage(query: URLSearchParams, { maximum, fallback }: PageLimits): Page {
  const n = query.get('n');
  const last = untilNul(query.get('last')?.slice(0, longestLast));
  const limit = n === null || n === '' ? fallback : Math.min(parseCount(n), maximum);
  return { limit, ...(last === undefined || last === '' ? {} : { last }) };
}

/** The value of a Link header that leads to the next page (RFC 8288, relative to the request). */
export function nextLink(path: string, parameters: Readonly<Record<string, string | number>>): string {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  return `<${path}?${query.toString()}>; rel="next"`;
}

function parseCount(text: string): number {
  if (!/^\d{1,400}$/.test(text)) throw new OciError('PAGINATION_NUMBER_INVALID', { n: text.slice(0, 64) });
  return Number(text);
}

/** No name holds NUL, which Postgres refuses; what follows the text with it follows the text before it. */
function untilNul(text: string | undefined): string | undefined {
  return text?.split('\0', 1)[0];
}

import { OciError } from './errors.ts';

/** One page of a sorted list: at most `limit` entries after `last`. */
export interface Page {
  readonly limit: number | undefined;
  readonly last?: string;
}

export interface PageLimits {
  /** Largest page; a larger `n` is reduced to it, and a Link follows. Refusing it broke Renovate, which asks for 10,000. */
  readonly maximum: number;
  /** Page size if the client sends no `n`; undefined leaves it to the service. */
  readonly fallback?: number;
}

const longestLast = 512;

/** An empty `n` counts as absent, as in distribution. @throws OciError PAGINATION_NUMBER_INVALID if `n` is not a whole number of zero or more */
export function parsePage(query: URLSearchParams, { maximum, fallback }: PageLimits): Page {
  const n = query.get('n');
  const last = untilNul(query.get('last')?.slice(0, longestLast));
  const limit = n === null || n === '' ? fallback : Math.min(parseCount(n), maximum);
  return { limit, ...(last === undefined || last === '' ? {} : { last }) };
}

/** Returns the value of a Link header to the next page (RFC 8288, relative to the request). */
export function nextLink(path: string, parameters: Readonly<Record<string, string | number>>): string {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  return `<${path}?${query.toString()}>; rel="next"`;
}

function parseCount(text: string): number {
  if (!/^\d{1,400}$/.test(text)) throw new OciError('PAGINATION_NUMBER_INVALID', { n: text.slice(0, 64) });
  return Number(text);
}

/** Cuts the text at NUL, which Postgres refuses. No name contains NUL, so the same names follow the cut text. */
function untilNul(text: string | undefined): string | undefined {
  return text?.split('\0', 1)[0];
}

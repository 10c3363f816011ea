import { isIP } from 'node:net';
import { z } from 'zod';
import { type FieldFacts, leaf } from './facts.ts';
import { addressOf } from './values/address.ts';
import { byteSizePattern, parseByteSize } from './values/byte-size.ts';
import { durationPattern, parseDuration } from './values/duration.ts';
import { LinearPattern } from './values/linear-pattern.ts';

// Every scalar is parsed from text. A YAML `password: 0123` therefore keeps its zero, as in distribution, where the Go type of the field decides. A
// value means the same in a file and in the environment.

/** Any text. */
export const text = (description: string) =>
  leaf(z.string(), { description, type: 'text', json: { type: 'string' } });

/** A text that is not empty: a variable that is set to nothing is a mistake. */
export const word = (description: string, about: Pick<FieldFacts, 'reachedByClients'> = {}) =>
  leaf(z.string().min(1, 'must not be empty'), {
    description,
    type: 'text',
    json: { type: 'string', minLength: 1 },
    ...about,
  });

/** A text that never appears in a log, an error or a dump. */
export const secret = (description: string) =>
  leaf(z.string().min(1, 'must not be empty'), {
    description,
    type: 'secret',
    secret: true,
    json: { type: 'string', minLength: 1 },
  });

const protocols = ['http:', 'https:'];

export const url = (description: string, about: Pick<FieldFacts, 'secretPath' | 'reachedByClients'> = {}) =>
  leaf(
    z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      message: 'must be a URL with the scheme http or https',
    }),
    { description, type: 'URL', json: { type: 'string', pattern: '^(http:|https:)//.+' }, ...about },
  );

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** true or false. Also YAML 1.1's `yes`, `no`, `on` and `off`, like distribution's parser. */
export const flag = (description: string) =>
  leaf(
    parsed((value) => flags[value.toLowerCase()], 'must be true or false'),
    { description, type: 'boolean', json: { type: 'boolean' } },
  );

export interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

export function integer(
  description: string,
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Bounds = {},
) {
  const upper = maximum === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${maximum}`;
  const read = (value: string): number | undefined => {
    const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= minimum && number <= maximum ? number : undefined;
  };
  return leaf(parsed(read, `must be a whole number of at least ${minimum}${upper}`), {
    description,
    type: 'integer',
    json: { type: 'integer', minimum, maximum },
  });
}

function durationBounds(minimum: number, maximum: number): string {
  const lower = minimum > 0 ? ` of at least ${minimum} ms` : '';
  if (maximum === Number.MAX_SAFE_INTEGER) return lower;
  return `${lower}${lower === '' ? ' of' : ' and'} at most ${maximum} ms`;
}

/** A duration in Go's notation; parsed to milliseconds. */
export const duration = (
  description: string,
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Bounds = {},
) =>
  leaf(
    parsed(
      (value) => {
        const milliseconds = parseDuration(value);
        return milliseconds !== undefined && milliseconds >= minimum && milliseconds <= maximum
          ? milliseconds
          : undefined;
      },
      `must be a duration such as 90s, 1m30s or 168h (a bare number counts seconds)${durationBounds(minimum, maximum)}`,
    ),
    {
      description,
      type: 'duration',
      json: { type: ['string', 'integer'], minimum: 0, pattern: durationPattern },
    },
  );

/** A number of bytes, or a size with a unit (`10MiB`); parsed to bytes. */
export function byteSize(
  description: string,
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Bounds = {},
) {
  const lower = minimum > 0 ? `, at least ${minimum} bytes` : '';
  const upper = maximum < Number.MAX_SAFE_INTEGER ? `, at most ${maximum} bytes` : '';
  const read = (value: string): number | undefined => {
    const bytes = parseByteSize(value);
    return bytes !== undefined && bytes >= minimum && bytes <= maximum ? bytes : undefined;
  };
  return leaf(parsed(read, `must be a size in bytes or such as 10MiB${lower}${upper}`), {
    description,
    type: 'size',
    json: { type: ['string', 'integer'], minimum, maximum, pattern: byteSizePattern },
  });
}

/** One of the words, in any letter case. */
export function choice<const T extends string>(description: string, words: readonly T[]) {
  const read = (value: string): T | undefined =>
    words.find((known) => known.toLowerCase() === value.toLowerCase());
  return leaf(parsed(read, `must be one of ${words.join(', ')}`), {
    description,
    type: words.join(' \\| '),
    json: { enum: words },
  });
}

/** An address to listen on or to connect to. */
export const address = (description: string) =>
  leaf(
    z.string().refine((value) => addressOf(value) !== undefined, {
      message: 'must be an address such as localhost:5000, [::1]:5000 or :5000',
    }),
    { description, type: 'address', json: { type: 'string' } },
  );

/** An address or a CIDR block, IPv4 or IPv6. */
export const network = (description: string) =>
  leaf(z.string().refine(isNetwork, { message: 'must be an IP address or a network such as 10.0.0.0/8' }), {
    description,
    type: 'network',
  });

function isNetwork(value: string): boolean {
  const [host = '', prefix, ...rest] = value.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(host)] ?? -1;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return bits > 0 && isPrefix && rest.length === 0;
}

/** A regular expression in Go's syntax, as in distribution's allow and deny lists. */
export const pattern = (description: string) =>
  leaf(
    parsed(
      (value) => LinearPattern.ofExpression(value),
      "must be a regular expression in Go's syntax (RE2: no look-around, no back-references)",
    ),
    { description, type: 'pattern', json: { type: 'string', format: 'regex' } },
  );

/** A glob over repository names: `team/*`, `team/**`. */
export const glob = (description: string) =>
  leaf(
    parsed(
      (value) => LinearPattern.ofGlob(value),
      'must be a glob of *, **, ?, [a-z] and {a,b}, such as team/* or team/**',
    ),
    { description, type: 'glob', json: { type: 'string' } },
  );

/** A glob over a claim of a token: `repo:team/*:ref:refs/heads/main`. */
export const claimGlob = (description: string) =>
  leaf(
    parsed((value) => (value === '' ? undefined : LinearPattern.ofClaim(value)), 'must not be empty'),
    { description, type: 'glob', json: { type: 'string', minLength: 1 } },
  );

function parsed<T>(read: (value: string) => T | undefined, message: string) {
  return z.string().transform((value, context): T => {
    const result = read(value.trim());
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

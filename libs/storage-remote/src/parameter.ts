import { z } from 'zod';

// Parameters from the configuration are typed; parameters from the environment or from a program may be texts. Both forms mean the same.

type Parameter<T> = z.ZodType<T, string | number | boolean>;

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

export function flag(): Parameter<boolean> {
  return parsed((text) => words[text.toLowerCase()], 'must be true or false');
}

export function integer({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = {}): Parameter<number> {
  const upper = maximum === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${maximum}`;
  return parsed((text) => {
    const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    return number >= minimum && number <= maximum ? number : undefined;
  }, `must be a whole number of at least ${minimum}${upper}`);
}

/** Accepts one of the words, in any letter case. */
export function choice<const T extends string>(options: readonly T[]): Parameter<T> {
  return parsed(
    (text) => options.find((option) => option.toLowerCase() === text.toLowerCase()),
    `must be one of ${options.join(', ')}`,
  );
}

/** Accepts a text that is not empty: an environment variable set to nothing is a mistake. */
export function word(): z.ZodType<string, string> {
  return z.string().min(1, 'must not be empty');
}

function parsed<T>(read: (text: string) => T | undefined, message: string): Parameter<T> {
  return z.union([z.string(), z.number(), z.boolean()], { error: message }).transform((value, context) => {
    const result = read(String(value).trim());
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

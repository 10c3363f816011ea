import { type Part, parts } from './parts.ts';

/** Parses the parts to run. Without one, all of them; always in their order. @throws Error with a sentence for the user */
export function parsePartOptions(options: readonly string[]): readonly Part[] {
  for (const option of options) {
    if (!parts.some(({ name }) => name === option))
      throw new Error(`${option} is no part (${parts.map(({ name }) => name).join(', ')})`);
  }
  return parts.filter(({ name }) => options.length === 0 || options.includes(name));
}

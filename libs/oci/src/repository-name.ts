import { OciError } from './errors.ts';

declare const brand: unique symbol;
/** A repository name that the distribution specification allows, at most 255 characters. */
export type RepositoryName = string & { readonly [brand]: 'RepositoryName' };

const maximumLength = 255;
// No two alternatives start alike and none matches the empty text, so a refusal takes linear time, too.
const grammar = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*$/;

export function isRepositoryName(text: string): text is RepositoryName {
  return text.length <= maximumLength && grammar.test(text);
}

/** @throws OciError NAME_INVALID */
export function parseRepositoryName(text: string): RepositoryName {
  if (!isRepositoryName(text)) throw new OciError('NAME_INVALID', { name: text.slice(0, 256) });
  return text;
}

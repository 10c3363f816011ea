import { OciError } from './errors.ts';

declare const brand: unique symbol;
/** A repository's name as the distribution specification allows it, at most 255 characters. */
export type RepositoryName = string & { readonly [brand]: 'RepositoryName' };

const maximumLength = 255;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** Checked component by component: one expression over the whole name would backtrack across components. */
export function isRepositoryName(text: string): text is RepositoryName {
  return text.length > 0 && text.length <= maximumLength && text.split('/').every((part) => component.test(part));
}

/** @throws OciError NAME_INVALID */
export function parseRepositoryName(text: string): RepositoryName {
  if (!isRepositoryName(text)) throw new OciError('NAME_INVALID', { name: text.slice(0, 256) });
  return text;
}

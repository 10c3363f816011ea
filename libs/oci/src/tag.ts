import { OciError } from './errors.ts';

declare const brand: unique symbol;
export type Tag = string & { readonly [brand]: 'Tag' };

const grammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

export function isTag(text: string): text is Tag {
  return grammar.test(text);
}

/** @throws OciError TAG_INVALID */
export function parseTag(text: string): Tag {
  if (!isTag(text)) throw new OciError('TAG_INVALID', { tag: text.slice(0, 256) });
  return text;
}

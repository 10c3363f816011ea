import { type StoreKind, storeKinds } from './store-kinds.ts';
import { type StorePart, storeParts } from './store-parts.ts';

export interface StoreRun {
  readonly store: StoreKind;
  readonly parts: readonly StorePart[];
}

/** Parses the stores and parts to run. Without one of either kind, all of that kind. @throws Error with a sentence for the user */
export function parseStoreOptions(options: readonly string[]): readonly StoreRun[] {
  for (const option of options) {
    if ([...storeKinds, ...storeParts].some(({ name }) => name === option)) continue;
    throw new Error(`${option} is no store (${names(storeKinds)}) and no part (${names(storeParts)})`);
  }
  const parts = chosen(storeParts, options);
  return chosen(storeKinds, options).map((store) => ({
    store,
    parts: parts.filter(({ stores }) => stores?.includes(store.name) ?? true),
  }));
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  options: readonly string[],
): readonly T[] {
  const named = all.filter(({ name }) => options.includes(name));
  return named.length === 0 ? all : named;
}

function names(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(', ');
}

/** Returns the value at a path within a document from elsewhere, or undefined if there is none. */
export function fieldOf(document: unknown, ...path: readonly string[]): unknown {
  let found = document;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.getOwnPropertyDescriptor(found, name)?.value;
  }
  return found;
}

export function textAt(document: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldOf(document, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function listAt(document: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = fieldOf(document, ...path);
  return Array.isArray(found) ? found : [];
}

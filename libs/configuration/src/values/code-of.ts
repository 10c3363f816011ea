/** Returns the `code` of an error of the system (`ENOENT`), of Node or of a library. Undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

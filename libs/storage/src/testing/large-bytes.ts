const mebibyte = 1024 * 1024;

/** Returns the size in bytes of the suite's largest object: small unless the environment sets it. */
export function largeBytes(): number {
  return Number(process.env['LONGSHORE_STORAGE_LARGE_BYTES'] ?? 64 * mebibyte);
}

const mebibyte = 1024 * 1024;

/** The size of the suite's largest object: modest unless the environment says otherwise. Bytes. */
export function largeBytes(): number {
  return Number(process.env['LONGSHORE_STORAGE_LARGE_BYTES'] ?? 64 * mebibyte);
}

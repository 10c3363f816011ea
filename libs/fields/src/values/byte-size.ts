const bytesPerUnit: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
};

/** The pattern of a size, for JSON schemas. */
export const byteSizePattern = '^[0-9]+(\\.[0-9]+)? ?([Bb]|[KkMmGg]([Ii]?[Bb])?)?$';

/** Parses `5242880`, `10MiB`, `4mb` (a decimal unit, as its name says). @returns bytes, or undefined if the text is not a size */
export function parseByteSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?) ?([a-z]{0,3})$/i.exec(text);
  const factor = bytesPerUnit[(parts?.[2] ?? '').toLowerCase()];
  if (parts === null || factor === undefined) return undefined;
  const bytes = Number(parts[1]) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

export interface ArchivedFile {
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly mode?: number;
}

const blockSize = 512;

/** Builds a ustar archive of regular files. The same files give the same bytes: no time, no owner. */
export function archive(files: readonly ArchivedFile[]): Buffer {
  const blocks = files.flatMap(({ path, content, mode = 0o644 }) => {
    const bytes = Buffer.from(content);
    return [
      header(path, bytes.length, mode),
      bytes,
      Buffer.alloc((blockSize - (bytes.length % blockSize)) % blockSize),
    ];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

function header(path: string, size: number, mode: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const fields: [number, string][] = [
    [0, path],
    [100, octal(mode, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(size, 12)],
    [136, octal(0, 12)],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\x0000'],
  ];
  for (const [offset, text] of fields) block.write(text, offset, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

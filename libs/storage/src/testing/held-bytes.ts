import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Returns the bytes of buffers that are still referenced, measured after a garbage collection. */
export function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Passes a source through and reports the held bytes every 8 MiB. */
export async function* watching(
  source: AsyncIterable<Uint8Array>,
  see: (held: number) => void,
): AsyncGenerator<Uint8Array> {
  let unseen = 0;
  for await (const chunk of source) {
    unseen += chunk.byteLength;
    if (unseen >= 8 * 1024 * 1024) {
      unseen = 0;
      see(heldBytes());
    }
    yield chunk;
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this engine lets nobody collect its garbage');
  collect();
  // The engine frees dead buffers in the background; a second collection waits for that.
  collect();
}

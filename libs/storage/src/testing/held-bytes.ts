import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of buffers that this process still holds when its garbage is collected, without those that wait for it. */
export function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Hands a source on and looks every 8 MiB what is held. */
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
  // The engine frees the memory of dead buffers beside its work, and waits for that when it collects again.
  collect();
}

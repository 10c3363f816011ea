import { ChunkReader } from '../../for-drivers/chunk-reader.ts';

export interface TakenChunks {
  readonly chunks: readonly Uint8Array[];
  readonly interrupted?: unknown;
}

/** Copies the chunks of a source, up to its end or its failure. @throws the signal's reason */
export async function takeChunks(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<TakenChunks> {
  using reader = new ChunkReader(source, signal);
  const chunks: Uint8Array[] = [];
  try {
    for (;;) {
      const chunk = await reader.next();
      if ('interrupted' in chunk) return { chunks, interrupted: chunk.interrupted };
      if (chunk.done === true) return { chunks };
      chunks.push(Buffer.from(chunk.value));
    }
  } catch (error) {
    reader.stop();
    throw error;
  }
}

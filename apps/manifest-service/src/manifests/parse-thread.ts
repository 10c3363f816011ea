import {
  type ManifestLimits,
  OciError,
  parseManifest,
  type ParsedManifest,
  type WireOciError,
} from '@longshore/oci';

export interface ManifestToParse {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly limits: ManifestLimits;
}

export type ParseOutcome = { readonly parsed: ParsedManifest } | { readonly refused: WireOciError };

/** The file that a thread loads: this one. */
export const parseThread = import.meta.url;

/** Handles a message on the thread. Returns an error as a value, since an error's class does not survive the way between threads. */
export function parse({ bytes, contentType, limits }: ManifestToParse): ParseOutcome {
  try {
    return { parsed: parseManifest(bytes, contentType, limits) };
  } catch (error) {
    if (error instanceof OciError) return { refused: error.toWire() };
    throw error;
  }
}

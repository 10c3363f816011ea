import { invalid, isObject } from '../descriptor.ts';
import { OciError } from '../errors.ts';

// A byte order mark is left in the text, so that it is refused: clients' parsers do not take it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Deeper nesting than any real manifest has. */
const deepest = 64;

const fields = new Map(
  [
    'schemaVersion',
    'mediaType',
    'artifactType',
    'config',
    'layers',
    'manifests',
    'fsLayers',
    'subject',
    'annotations',
  ].map((name) => [name.toLowerCase(), name]),
);

/**
 * The JSON object in a manifest's bytes. Its size is weighed before it is built: 4 MiB of empty lists are a million objects, and
 * half a second in which the process does nothing else.
 * @param values at most, counted as brackets that open and commas
 * @throws OciError MANIFEST_INVALID
 */
export function parseDocument(bytes: Uint8Array, values: number): Record<string, unknown> {
  let document: unknown;
  try {
    const text = decoder.decode(bytes);
    refuseBomb(text, values);
    document = JSON.parse(text);
  } catch (error) {
    const reason = `not JSON: ${error instanceof Error ? error.message : 'unreadable'}`;
    throw error instanceof OciError ? error : new OciError('MANIFEST_INVALID', { reason }, { cause: error });
  }
  if (!isObject(document)) throw new OciError('MANIFEST_INVALID', { reason: 'not a JSON object' });
  refuseMisspeltFields(document);
  return document;
}

/** One pass and constant memory; ends at the first bracket or comma too many. */
function refuseBomb(text: string, values: number): void {
  let depth = 0;
  let counted = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = endOfString(text, index);
    else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c) counted++;
    else if (code === 0x7b || code === 0x5b) {
      counted++;
      depth++;
    }
    if (depth > deepest) throw bomb(`nested deeper than ${deepest}`);
    if (counted > values) throw bomb(`more than ${values} values`);
  }
}

/** The closing quote of the string that opens at `start`; the end of the text when it has none. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return index;
    index += code === 0x5c ? 2 : 1;
  }
  return index;
}

const bomb = (reason: string): OciError => new OciError('MANIFEST_INVALID', { reason });

/** Clients in Go match names whatever their case, so `Layers` in an index would make it a manifest too for them alone. */
function refuseMisspeltFields(document: Record<string, unknown>): void {
  for (const name of Object.keys(document)) {
    const field = fields.get(name.toLowerCase());
    if (field !== undefined && field !== name) throw invalid(field, 'is spelt in another case');
  }
}

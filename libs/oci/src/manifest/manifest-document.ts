import { invalid, isObject } from '../descriptor.ts';
import { OciError } from '../errors.ts';

// Leaves a byte order mark in the text, so that it is refused: clients' parsers do not accept it.
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

/** Most values in a document, counted as opening brackets and commas. */
export interface ValueLimits {
  /** Values outside references. */
  readonly loose: number;
  /** Values per reference in the document. */
  readonly ofReference: number;
  /** Most references that add to the limit. */
  readonly references: number;
}

/**
 * Parses the JSON object in a manifest's bytes. Counts its values before it builds them: 4 MiB of empty lists are a million objects, and block the
 * process for half a second.
 * @throws OciError MANIFEST_INVALID
 */
export function parseDocument(bytes: Uint8Array, limits: ValueLimits): Record<string, unknown> {
  let document: unknown;
  try {
    const text = decoder.decode(bytes);
    document = weigh(text, limits) === 'plain' ? JSON.parse(text) : JSON.parse(text, refuseOtherIntegers);
  } catch (error) {
    const reason = `not JSON: ${error instanceof Error ? error.message : 'unreadable'}`;
    throw error instanceof OciError ? error : new OciError('MANIFEST_INVALID', { reason }, { cause: error });
  }
  if (!isObject(document)) throw new OciError('MANIFEST_INVALID', { reason: 'not a JSON object' });
  refuseMisspeltFields(document);
  return document;
}

/** Counts in one pass with constant memory, and stops at the first bracket or comma above the limit. `other`: an integer is written as 2.0 or 2e0. */
function weigh(text: string, { loose, ofReference, references }: ValueLimits): 'plain' | 'other' {
  let depth = 0;
  let counted = 0;
  let seen = 0;
  let integers: 'plain' | 'other' = 'plain';
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      const end = endOfString(text, index);
      const meaning = meaningOf(text, index, end);
      if (meaning === 'reference') seen++;
      else if (meaning === 'other integer') integers = 'other';
      index = end;
    } else if (code === 0x7d || code === 0x5d) depth--;
    else if (code === 0x2c) counted++;
    else if (code === 0x7b || code === 0x5b) {
      counted++;
      depth++;
    }
    if (depth > deepest) throw bomb(`nested deeper than ${deepest}`);
    const most = loose + ofReference * Math.min(seen, references);
    if (counted > most) throw bomb(`more than ${most} values`);
  }
  return integers;
}

/** Classifies a string: it announces a reference, or an integer that is written as 2.0 or 2e0. */
function meaningOf(text: string, start: number, end: number): 'reference' | 'other integer' | undefined {
  const key = text.slice(start + 1, Math.min(end, start + 1 + longestKey));
  if (key === 'digest') return 'reference';
  if (!integerFields.includes(key)) return undefined;
  fractionAfter.lastIndex = end + 1;
  return fractionAfter.test(text) ? 'other integer' : undefined;
}

const integerFields = ['size', 'schemaVersion'];
/** One character more than the longest name of interest. */
const longestKey = 'schemaVersion'.length + 1;
const fractionAfter = /[ \t\n\r]*:[ \t\n\r]*-?\d+[.eE]/y;

/**
 * Clients in Go parse these fields as integers, and refuse the whole document for 2.0 and 2e0. NaN is refused where a field is read; an unrelated
 * field of this name stays.
 */
function refuseOtherIntegers(
  name: string,
  value: unknown,
  { source = '' }: { source?: string } = {},
): unknown {
  return integerFields.includes(name) && typeof value === 'number' && /[.eE]/.test(source) ? NaN : value;
}

/** Returns the index of the closing quote of the string that opens at `start`, or the end of the text if there is none. */
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

/** Clients in Go match names in any case, so an index with `Layers` would also be a manifest, for them alone. */
function refuseMisspeltFields(document: Record<string, unknown>): void {
  for (const name of Object.keys(document)) {
    const field = fields.get(name.toLowerCase());
    if (field !== undefined && field !== name) throw invalid(field, 'is spelt in another case');
  }
}

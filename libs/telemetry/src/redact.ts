const secretName =
  /^(?:proxy-?)?authorization$|cookie|passw(?:or)?d|passphrase|secret|token$|credential|api_?key|^key$|(?:private|access|account|signing|encryption)[_-]?key/i;

/** Names that match by accident and hold no secret. */
const harmless = /^(?:accesskeyid|access_key_id)$/i;

const maximumDepth = 8;
const maximumItems = 200;

/** Replaces a secret. */
export const redacted = '[redacted]';

/** Tells whether a field of this name holds a value that must not reach a log. */
function isSecretName(name: string): boolean {
  return secretName.test(name) && !harmless.test(name);
}

/**
 * Hides credentials in a text: the userinfo of URLs, and the text after `Bearer` or `Basic`. Also works on serialised JSON, since it never removes a
 * quote.
 */
export function redactText(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]{0,15}:\/\/)[^\s/@"'\\]{1,512}@/gi, `$1${redacted}@`)
    .replaceAll(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${redacted}`);
}

/**
 * Returns a copy of `value` for a log: fields with secret names are hidden at any depth, errors become objects with their causes, bytes become their
 * length. Deep or long structures are cut, which bounds the work.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maximumDepth) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (value instanceof Date || value instanceof URL) return value.toJSON();
  if (Array.isArray(value)) return value.slice(0, maximumItems).map((item) => redact(item, depth + 1));
  return redactFields(value, depth);
}

/** Applies `redact` to the fields of one object. */
export function redactFields(value: object, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  const entries: [string, unknown][] = Object.entries(value);
  for (const [name, field] of entries.slice(0, maximumItems)) {
    copy[name] = isSecretName(name) && field !== undefined ? redacted : redact(field, depth + 1);
  }
  return copy;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    ...('code' in error && { code: error.code }),
    stack,
    ...(cause !== undefined && { cause: redact(cause, depth + 1) }),
  };
}

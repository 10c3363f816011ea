import type { IncomingMessage } from 'node:http';
import { OciError } from '@longshore/oci';
import { readBody } from './read-body.ts';

/** Bytes. Our forms have a few short fields. */
const formBytes = 64 * 1024;
/** Milliseconds for the whole form. */
const patience = 10_000;
const formType = /^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i;

/**
 * Reads a form, as token requests and pages send it (RFC 6749, section 4.3.2).
 * @param within milliseconds for the whole form
 * @throws OciError UNSUPPORTED: 415 for another type, 408 for a form that does not arrive in time; SIZE_INVALID (413)
 */
export async function readForm(request: IncomingMessage, within = patience): Promise<URLSearchParams> {
  if (!formType.test(request.headers['content-type'] ?? '')) {
    throw new OciError(
      'UNSUPPORTED',
      { reason: 'the body must be application/x-www-form-urlencoded' },
      { status: 415 },
    );
  }
  const body = await readBody(request, { limit: formBytes, within, what: 'a form' });
  return new URLSearchParams(new TextDecoder().decode(body));
}

/** Returns the parameters of the query. */
export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(url.split('?').slice(1).join('?'));
}

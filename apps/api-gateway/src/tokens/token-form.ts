import type { IncomingMessage } from 'node:http';
import { OciError } from '@longshore/oci';
import { readBody } from '../read-body.ts';

/** Bytes. The form of a token request has a few short fields. */
const formBytes = 64 * 1024;
/** Milliseconds for the whole form. */
const patience = 10_000;
const formType = /^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i;

/**
 * Reads the form of a token request (RFC 6749, section 4.3.2).
 * @param within milliseconds for the whole form
 * @throws OciError UNSUPPORTED: 415 for another type, 408 for a form that does not arrive in time; SIZE_INVALID (413)
 */
export async function readTokenForm(request: IncomingMessage, within = patience): Promise<URLSearchParams> {
  if (!formType.test(request.headers['content-type'] ?? '')) {
    throw new OciError(
      'UNSUPPORTED',
      { reason: 'the body must be application/x-www-form-urlencoded' },
      { status: 415 },
    );
  }
  const body = await readBody(request, { limit: formBytes, within, what: 'a token request' });
  return new URLSearchParams(new TextDecoder().decode(body));
}

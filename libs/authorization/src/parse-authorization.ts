import { OciError } from '@longshore/oci';

export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** Characters. Tokens and passwords (which may be tokens) are shorter. */
export const maximumTokenLength = 8192;
const maximumHeaderLength = 'Basic '.length + Math.ceil((maximumTokenLength + 512) / 3) * 4;

const none: Credentials = { kind: 'none' };
// eslint-disable-next-line no-control-regex -- RFC 7617 forbids exactly these in both parts.
const control = /[\x00-\x1f\x7f]/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses the header `Authorization` in the form that clients write: the scheme in any case (RFC 9110 §11.1), one space, and nothing around. If this
 * parser and a later one differ in strictness, credentials can pass a check or leak to an upstream. So every other form is refused, and never counts
 * as anonymous. Nothing is trimmed.
 * @throws OciError UNAUTHORIZED
 */
export function parseAuthorization(header: string | readonly string[] | undefined): Credentials {
  if (header === undefined) return none;
  if (typeof header !== 'string') {
    if (header.length > 1) throw refusal('the header is repeated');
    return parseAuthorization(header[0]);
  }
  if (header.length > maximumHeaderLength) throw refusal('the header is too long');
  const bearer = /^Bearer ([A-Z0-9._~+/-]+=*)$/i.exec(header)?.[1];
  if (bearer !== undefined) {
    if (bearer.length > maximumTokenLength) throw refusal('the token is too long');
    return { kind: 'bearer', token: bearer };
  }
  const basic = /^Basic ([A-Z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (basic === undefined) throw refusal('the header is neither "Basic <credentials>" nor "Bearer <token>"');
  return basicCredentials(basic);
}

function basicCredentials(encoded: string): Credentials {
  const bytes = Buffer.from(encoded, 'base64');
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new OciError('UNAUTHORIZED', { reason: 'the credentials are not UTF-8' }, { cause });
  }
  // Another spelling of the same bytes would be a second header with the same meaning.
  if (bytes.toString('base64').replaceAll('=', '') !== encoded.replaceAll('=', ''))
    throw refusal('the credentials are not base64');
  const colon = text.indexOf(':');
  if (colon < 1) throw refusal('the credentials have no user name');
  if (control.test(text)) throw refusal('the credentials hold control characters');
  return { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}

const refusal = (reason: string): OciError => new OciError('UNAUTHORIZED', { reason });

import { OAuthError } from './oauth-error.ts';
import type { TokenCall } from '@longshore/messaging';

/** The credentials in a token request. */
export type Proof =
  | { readonly kind: 'none' }
  | { readonly kind: 'header'; readonly authorization: string }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'refresh'; readonly token: string }
  | { readonly kind: 'assertion'; readonly token: string };

/** A token request without HTTP: the GET or the POST form of distribution's token specification. */
export interface TokenRequest {
  readonly method: 'GET' | 'POST';
  readonly service: string | undefined;
  /** Scopes as sent. Each may contain several. */
  readonly scopes: readonly string[];
  readonly offline: boolean;
  /** True if the client stores each new refresh token, so that each use may replace it. An extension of ours. */
  readonly rotation: boolean;
  readonly proof: Proof;
  /** The client's address. */
  readonly address: string;
}

const maximumParameters = 200;
/** Characters. A password may be a token. */
const maximumValue = 8192;
// oxlint-disable-next-line no-control-regex -- none of the parameters may hold any; a password neither (RFC 7617).
const control = /[\x00-\x1f\x7f]/;

/** @throws OAuthError */
export function readTokenCall({ method, authorization, parameters, address }: TokenCall): TokenRequest {
  if (parameters.length > maximumParameters)
    throw new OAuthError('invalid_request', 'there are too many parameters');
  const form = new Parameters(parameters);
  const scopes = form.all('scope');
  if (method === 'GET') {
    const proof: Proof = authorization === undefined ? { kind: 'none' } : { kind: 'header', authorization };
    return {
      method,
      service: form.one('service'),
      scopes,
      offline: form.one('offline_token') === 'true',
      rotation: false,
      proof,
      address,
    };
  }
  // OAuth 2 would allow the credentials of a client application here. We know no applications, and two proofs in one request could disagree.
  if (authorization !== undefined)
    throw new OAuthError('invalid_request', 'credentials belong in the form or in the header, not in both');
  const proof = proofOf(form);
  if (proof.kind === 'assertion')
    return { method, service: exchangeTarget(form), scopes, offline: false, rotation: false, proof, address };
  const service = form.required('service');
  form.required('client_id');
  const offline = form.one('access_type') === 'offline';
  return { method, service, scopes, offline, rotation: form.one('rotation') === 'true', proof, address };
}

function proofOf(form: Parameters): Proof {
  const grant = form.required('grant_type');
  if (grant === 'password')
    return { kind: 'password', username: form.required('username'), password: form.required('password') };
  if (grant === 'refresh_token') return { kind: 'refresh', token: form.required('refresh_token') };
  if (grant === exchange.grant) return { kind: 'assertion', token: subjectToken(form) };
  throw new OAuthError(
    'unsupported_grant_type',
    `grant_type must be password, refresh_token or ${exchange.grant}`,
  );
}

const tokenType = 'urn:ietf:params:oauth:token-type';

/** Token exchange (RFC 8693): a workload presents the token of its identity provider. */
export const exchange = {
  grant: 'urn:ietf:params:oauth:grant-type:token-exchange',
  presented: [`${tokenType}:jwt`, `${tokenType}:id_token`],
  issued: `${tokenType}:access_token`,
};

function subjectToken(form: Parameters): string {
  if (!exchange.presented.includes(form.required('subject_token_type')))
    throw new OAuthError('invalid_request', `subject_token_type must be ${exchange.presented.join(' or ')}`);
  if ((form.one('requested_token_type') ?? exchange.issued) !== exchange.issued)
    throw new OAuthError('invalid_request', `requested_token_type must be ${exchange.issued}`);
  if (form.one('actor_token') !== undefined)
    throw new OAuthError('invalid_request', 'actor_token is not supported: nobody acts for another here');
  return form.required('subject_token');
}

/** RFC 8693 calls the service `audience`; registry clients say `service`. */
function exchangeTarget(form: Parameters): string | undefined {
  const [service, audience] = [form.one('service'), form.one('audience')];
  if (service !== undefined && audience !== undefined && service !== audience)
    throw new OAuthError('invalid_request', 'service and audience differ');
  return service ?? audience;
}

class Parameters {
  readonly #parameters: TokenCall['parameters'];

  constructor(parameters: TokenCall['parameters']) {
    this.#parameters = parameters;
    if (parameters.some(([, value]) => value.length > maximumValue))
      throw new OAuthError('invalid_request', 'a parameter is too long');
  }

  all(name: string): string[] {
    return this.#parameters.filter(([key]) => key === name).map(([, value]) => value);
  }

  /** RFC 6749, section 3.2: a parameter must not repeat, since readers differ in which one counts. */
  one(name: string): string | undefined {
    const [value, ...more] = this.all(name);
    if (more.length > 0) throw new OAuthError('invalid_request', `${name} is repeated`);
    if (value !== undefined && control.test(value))
      throw new OAuthError('invalid_request', `${name} holds control characters`);
    return value;
  }

  required(name: string): string {
    const value = this.one(name);
    if (value === undefined || value === '') throw new OAuthError('invalid_request', `${name} is required`);
    return value;
  }
}

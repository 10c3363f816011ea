import { ociErrors, type OciErrorCode } from '@longshore/oci';
import type { TokenAnswer } from '@longshore/messaging';

/** RFC 6749, section 5.2, with the status and the code by which registry clients know it. */
const kinds = {
  invalid_request: { status: 400, code: 'UNSUPPORTED' },
  unsupported_grant_type: { status: 400, code: 'UNSUPPORTED' },
  invalid_grant: { status: 401, code: 'UNAUTHORIZED' },
  not_found: { status: 404, code: 'NOT_FOUND' },
} as const satisfies Record<string, { status: number; code: OciErrorCode }>;

/** A token request that is refused. The description is for people and holds nothing of the request. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly kind: keyof typeof kinds;

  constructor(kind: keyof typeof kinds, description: string, options?: ErrorOptions) {
    super(description, options);
    this.kind = kind;
  }

  /** One document for both kinds of readers: OAuth 2 clients look for `error`, registry clients for `errors`. */
  answer(challenge: string): TokenAnswer {
    const { status, code } = kinds[this.kind];
    const body = {
      errors: [{ code, message: ociErrors[code].message, detail: this.message }],
      error: this.kind,
      error_description: this.message,
    };
    return jsonAnswer(status, body, status === 401 ? { 'www-authenticate': challenge } : {});
  }
}

/** Tokens and refusals are for one client at one time. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): TokenAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
